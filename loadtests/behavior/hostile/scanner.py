"""What lies open by mistake, asked for on every site there is, all day long."""

from loadtests.audience.hostile import Action
from loadtests.behavior.hostile.campaign import Campaign
from loadtests.behavior.steps import Journey
from loadtests.vocabulary import Step

PATHS = (
    "/.env",
    "/.git/config",
    "/wp-login.php",
    "/wp-admin/setup-config.php",
    "/xmlrpc.php",
    "/phpmyadmin/index.php",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
    "/boaform/admin/formLogin",
    "/cgi-bin/luci",
    "/actuator/env",
    "/solr/admin/info/system",
    "/.aws/credentials",
    "/backup.sql",
    "/admin/config.php",
    "/HNAP1",
    "/server-status",
)
"""Seen in every public web server's log."""


def scanner(action: Action, campaign: Campaign) -> Journey:
    """The next of them."""
    session = campaign.session(action)
    url = campaign.target.language.absolute(PATHS[action.number % len(PATHS)])
    yield campaign.fetch(session, Step.WEBSITE, url)
