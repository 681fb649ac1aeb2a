from zoneinfo import ZoneInfo

import pytest

from quotes import time_zones


def test_every_zone_is_one_that_the_machine_knows():
    zones = set(time_zones.CITIES) - {time_zones.ELSEWHERE}
    assert {zone: time_zones.known(zone) for zone in zones} == {zone: ZoneInfo(zone) for zone in zones}


@pytest.mark.parametrize("zone", ["", time_zones.ELSEWHERE, "Nowhere/Land", "../etc/passwd", "America"])
def test_where_there_is_no_clock_none_is_known(zone):
    assert time_zones.known(zone) is None


def test_no_zone_is_offered_twice():
    offered = [zone for _region, zones in time_zones.GROUPS for zone, _cities in zones]
    assert len(offered) == len(set(offered))
