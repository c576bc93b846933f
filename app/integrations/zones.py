"""Names of time zones."""

from functools import cache
from zoneinfo import available_timezones

time_zones = cache(available_timezones)  # it walks through a folder of 600 files each time it is asked
