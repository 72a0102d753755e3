"""The stack served when no configuration says otherwise: good for two hundred sign-ins a second."""

from loadtests.stack.model import Stack, Station
from loadtests.vocabulary import Step

DEFAULT = Stack(
    stations={
        Step.HOME: Station(servers=4, service_time=0.005, queue=400),
        Step.SIGN_IN: Station(servers=4, service_time=0.02, queue=100),
        Step.REFRESH: Station(servers=4, service_time=0.008, queue=200),
        Step.ENTITLEMENT: Station(servers=4, service_time=0.01, queue=200),
        Step.SESSION: Station(servers=4, service_time=0.01, queue=200),
        Step.LICENSE: Station(servers=4, service_time=0.01, queue=200),
        Step.HEARTBEAT: Station(servers=4, service_time=0.002, queue=400),
    }
)
