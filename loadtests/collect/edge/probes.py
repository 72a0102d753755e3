"""What only scanners ask for: files nobody links to, and holes of software most sites do not run.

Some of it is served by sites that run the software: a WordPress has its `/wp-login.php` and its
`/xmlrpc.php`, and people use them. That is *sought*, and a probe only where it is not there.
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
    # OWASP Core Rule Set 4, rule 930100
    r"(?:\.\.|%2e%2e)(?:/|%2f|\\|%5c)(?:\.\.|%2e%2e)": "path traversal",
    # holes that scanners look for everywhere, by their numbers in the CVE list
    r"eval-stdin\.php": "CVE-2017-9841, PHPUnit",
    r"/_ignition/execute-solution": "CVE-2021-3129, Laravel",
    r"/boaform/|/hnap1\b|/goform/|/setup\.cgi\?|/gponform/": "CVE-2018-10561 and others, routers",
    r"/cgi-bin/(?:\.|%2e|luci|test-cgi|php\b|bash)": "CVE-2014-6271, CVE-2021-41773 and others",
    r"/remote/(?:fgt_lang|logincheck)|/dana-na/|/\+cscoe\+/|/vpns?/\.\.|/ecp/y\.js":
        "CVE-2018-13379, CVE-2019-11510, CVE-2020-3452, CVE-2019-19781, CVE-2021-26855, gateways",
    r"/(?:actuator/(?:env|heapdump|gateway)|jolokia/)": "CVE-2022-22947 and others, Spring",
    r"/(?:manager/html|host-manager/)": "CVE-2017-12617 and others, Tomcat",
    r"/solr/admin/|/struts2?-showcase|/_search\?source=": "CVE-2019-17558 and others",
    r"think(?:php|\\app)|invokefunction": "CVE-2018-20062, ThinkPHP",
    r"/(?:phpmyadmin|pma|myadmin|mysqladmin|phpinfo|adminer)(?:[-_.\d]|/|$)":
        "CRS 4, 913 (scanners)",
    r"w00tw00t|/nmap|nessus|acunetix|nikto|sqlmap|/muieblackcat|/zgrab": "scanners by their names",
    r"/(?:shell|webshell|c99|r57|wso\d*|cmd|alfa\w*|b374k|filesman|r00t)\.(?:php|jsp|aspx?)"
    r"|^/shell\?cd": "shells of an intruder",
}  # fmt: skip
"""A path and query that any of these is found in, in lower case -> what it looks for, and whose
list it is on."""

INJECTIONS: Mapping[str, str] = {
    # OWASP Core Rule Set 4, rules 932, 941 and 942
    r"union(?:\+|%20|/\*.*?\*/)+(?:all(?:\+|%20)+)?select|information_schema"
    r"|(?:sleep|benchmark|waitfor)(?:\(|%28)\d|(?:'|%27)(?:\+|%20)*(?:or|and)(?:\+|%20)+\d"
    r"|waitfor(?:\+|%20)+delay|(?:order|group)(?:\+|%20)by(?:\+|%20)\d+(?:--|%23)"
    r"|(?:extractvalue|updatexml|load_file|xp_cmdshell)(?:\(|%28)"
    r"|(?:\+|%20)(?:or|and)(?:\+|%20)+(?:\(|%28|'|%27)*\d+(?:'|%27)?(?:=|%3d)(?:'|%27)?\d":
        "injection of SQL",
    r"<script|%3cscript|%253cscript|javascript:alert|onerror(?:=|%3d)"
    r"|onload(?:=|%3d)[^&]*(?:alert|eval)": "injection of scripts",
    r"(?:\$|%24)(?:\{|%7b)(?:jndi|(?:\$|%24)(?:\{|%7b)|env:|lower:)": "CVE-2021-44228, Log4j",
    r"(?:php|data|expect)(?:://|%3a%2f%2f)(?:input|filter)|allow_url_include|auto_prepend_file":
        "CRS 4, 931 and 933; CVE-2012-1823 and CVE-2024-4577, PHP",
    r"(?:;|%3b|\||%7c)(?:\+|%20)*(?:wget|curl|chmod|busybox|cat)(?:\+|%20)": "shell commands",
}  # fmt: skip
"""The same of what can only be there with a character of `_ODD`."""

SOUGHT: Mapping[str, str] = {
    r"/(?:wp-(?:login|cron|signup|trackback|links-opml)|xmlrpc)\.php|/wp-admin(?:/|$)"
    r"|/wp-(?:content|includes)/[^?]*\.(?:php|log|zip)|/wlwmanifest\.xml"
    r"|/wp-json/wp/v\d/users|^/(?:wp|wordpress)/?$": "WordPress",
    r"/administrator(?:/|$)|/components/com_|/index\.php\?option=com_|/user/register$"
    r"|/sites/default/files/[^?]*\.php|/changelog\.txt$|/typo3/?$|/bitrix/admin"
    r"|/downloader/(?:index\.php)?$|/modules/[^?]*\.php":
        "Joomla, Drupal, TYPO3, Bitrix, Magento, PrestaShop",
    r"/(?:fck|ck|kind|u)editor[^?]*(?:filemanager|samples|fckeditor\.html|connector|upload)"
    r"|/filemanager/|/elfinder": "editors' uploads",
    r"/cgi-(?:bin|sys|mod)/": "scripts of the nineties",
    r"/vendor/[^?]*\.php|/telescope/requests|/_profiler/|/storage/logs/|/debug/default/":
        "PHP frameworks",
    r"/server-(?:status|info)$|/(?:console|druid|geoserver|owa|ecp|jmx-console|web-console)/"
    r"|^/(?:sdk$|evox/|api/jsonws|solr/?$|jenkins/?$|_cat/|v1/pods)": "consoles of servers",
    r"/(?:admin|test|info|upload|install|setup|config|db|sql)\.php": "scripts with common names",
    r"/(?:backup|dump|www|site|web|db)\.(?:zip|tar|tgz|rar|7z)"
    r"|/(?:docker-compose|secrets?|credentials?)\.(?:ya?ml|json|ini)$":
        "copies and configurations",
}  # fmt: skip
"""The same of what some sites do serve: a probe where nothing is found (404, 410)."""

_PROBE = re.compile("|".join(PATTERNS)).search
_INJECTION = re.compile("|".join(INJECTIONS)).search
_ODD = re.compile(r"[%+'<($;|:]").search  # most targets have none: they are told the soonest
_SOUGHT = re.compile("|".join(SOUGHT)).search


def is_probe(target: str) -> bool:
    """Whether `target`, a path and query as sent, is what only scanners ask for."""
    target = target.lower()
    if _PROBE(target) is not None:
        return True
    return _ODD(target) is not None and _INJECTION(target) is not None


def is_sought(target: str) -> bool:
    """Whether `target` is what scanners ask for on every site, and others only where it is there.

    To be counted as a probe if the answer is that nothing was found.
    """
    return _SOUGHT(target.lower()) is not None
