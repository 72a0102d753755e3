"""What only scanners ask for: files nobody links to, and holes of software most sites do not run.

Not what some sites serve to everybody: a WordPress has its `/wp-login.php` and `/xmlrpc.php`.
"""

import re
from collections.abc import Mapping

PATTERNS: Mapping[str, str] = {
    # OWASP Core Rule Set 4, restricted-files.data and lfi-os-files.data
    r"/\.(?:env|git|svn|hg|bzr|aws|ssh|htpasswd|htaccess|ds_store|npmrc|vscode|idea)\b":
        "files of developers and of the server itself",
    r"/(?:wp-config|configuration|config|database)\.(?:php|inc)[.~]": "copies of configurations",
    r"\.(?:sql|bak|old|swp|orig)(?:\.gz|\.zip)?(?:\?|$)": "dumps and copies left lying",
    r"/id_rsa|/etc/(?:passwd|shadow|hosts)\b|/proc/self/|win\.ini|boot\.ini": "system files",
    # OWASP Core Rule Set 4, rules 930100 (path traversal), 932, 941 and 942 (injections)
    r"(?:\.\.|%2e%2e)(?:/|%2f|\\|%5c)(?:\.\.|%2e%2e)": "path traversal",
    r"union(?:\+|%20|/\*.*?\*/)+(?:all(?:\+|%20)+)?select|information_schema"
    r"|(?:sleep|benchmark|waitfor)(?:\(|%28)\d|(?:'|%27)(?:\+|%20)*(?:or|and)(?:\+|%20)+\d":
        "injection of SQL",
    r"<script|%3cscript|javascript:alert|onerror(?:=|%3d)": "injection of scripts",
    r"(?:\$|%24)(?:\{|%7b)jndi": "CVE-2021-44228, Log4j",
    r"(?:;|%3b|\||%7c)(?:\+|%20)*(?:wget|curl|chmod|busybox|cat)(?:\+|%20)": "shell commands",
    # holes that scanners look for everywhere, by their numbers in the CVE list
    r"eval-stdin\.php": "CVE-2017-9841, PHPUnit",
    r"/_ignition/execute-solution": "CVE-2021-3129, Laravel",
    r"/boaform/|/hnap1\b|/goform/|/setup\.cgi\?|/gponform/": "CVE-2018-10561 and others, routers",
    r"/cgi-bin/(?:\.|%2e|luci|test-cgi|php\b|bash)": "CVE-2014-6271, CVE-2021-41773 and others",
    r"/(?:actuator/(?:env|heapdump|gateway)|jolokia/)": "CVE-2022-22947 and others, Spring",
    r"/(?:manager/html|host-manager/)": "CVE-2017-12617 and others, Tomcat",
    r"/solr/admin/|/struts2?-showcase|/_search\?source=": "CVE-2019-17558 and others",
    r"think(?:php|\\app)|invokefunction": "CVE-2018-20062, ThinkPHP",
    r"/(?:phpmyadmin|pma|myadmin|mysqladmin|phpinfo|adminer)(?:[-_.\d]|/|$)":
        "CRS 4, 913 (scanners)",
    r"w00tw00t|/nmap|nessus|acunetix|nikto|sqlmap|/muieblackcat|/zgrab": "scanners by their names",
    r"/(?:shell|webshell|c99|r57|wso|cmd)\.(?:php|jsp|aspx?)|/shell\?": "shells of an intruder",
}  # fmt: skip
"""A path and query that any of these is found in, in lower case -> what it looks for, and whose
list it is on."""

_PROBE = re.compile("|".join(PATTERNS)).search


def is_probe(target: str) -> bool:
    """Whether `target`, a path and query as sent, is what only scanners ask for."""
    return _PROBE(target.lower()) is not None
