import pytest

from loadtests.collect.edge.probes import is_probe


@pytest.mark.parametrize(
    "target",
    [
        "/.env",
        "/shop/.git/config",
        "/.aws/credentials",
        "/backup.sql",
        "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
        "/cgi-bin/luci/;stok=/locale",
        "/?q=${jndi:ldap://x}",
        "/item?id=1%27%20OR%201=1",
        "/item?id=1+UNION+SELECT+1",
        "/view?file=../../../../etc/passwd",
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/phpmyadmin/index.php",
        "/boaform/admin/formLogin",
        "/HNAP1",
        "/actuator/env",
        "/solr/admin/info/system",
    ],
)
def test_what_only_scanners_ask_for_is_a_probe(target: str) -> None:
    assert is_probe(target)


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/wp-login.php",
        "/xmlrpc.php",
        "/login?next=/account/settings",
        "/live/playlist.m3u8?token=abc.def-ghi",
        "/live/video-4.m4s",
        "/search?q=union+berlin+select+seats",
        "/.well-known/security.txt",
        "/blog/how-to-write-a-config.php-file",
        "/images/environment.png",
        "/robots.txt",
        "/favicon.ico",
        "/old/news.html",
        "/scripts/main.js?v=1.0",
        "/cart?item=4&or=1",
    ],
)
def test_what_a_viewer_or_a_crawler_asks_for_is_none(target: str) -> None:
    assert not is_probe(target)
