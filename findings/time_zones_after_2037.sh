#!/bin/sh
# Time zones after 2037: two libraries of one Debian release disagree by an hour.
#
# Versions    libhowardhinnant-date-dev and libdate-tz3 3.0.1+ds-5, libcctz-dev and libcctz2 2.3+dfsg1-3 (Debian 12),
#             both reading /usr/share/zoneinfo of the machine
# Behaviour   A zone file lists changes up to 2037 and ends with a rule in POSIX TZ notation for all later years
#             (RFC 8536, section 3.3). cctz follows the rule. date-tz as Debian builds it, over the system's
#             zone files, ignores it: the last change that is listed, one to winter time, holds forever.
# Output      Europe/Berlin 2037-07-01T12:00Z: date-tz +2h, cctz +2h
#             Europe/Berlin 2040-07-01T12:00Z: date-tz +1h, cctz +2h
# Why         Nothing fails: bounds of days and hours of summers after 2037 are off by an hour. Contracts,
#             bonds and certificates have such times today. std::chrono's time zones began as this library,
#             so that it looks like the obvious choice.
#
# Needs apt-get with Debian 12's archive, g++, and tzdata. Exits 1 when the behaviour has changed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(
  cd "$work"
  apt-get download -q -q -o APT::Sandbox::User="$(id -un)" libhowardhinnant-date-dev=3.0.1+ds-5 libdate-tz3=3.0.1+ds-5 \
    libcctz-dev=2.3+dfsg1-3 libcctz2=2.3+dfsg1-3
  for package in *.deb; do dpkg -x "$package" root; done
)
cat > "$work/date.cpp" <<'CPP'
#include <cstdio>
#include <cstdlib>

#include <date/tz.h>

int main(int, char** arguments) {
  const std::chrono::system_clock::time_point time{std::chrono::seconds(std::atoll(arguments[2]))};
  const auto info = date::locate_zone(arguments[1])->get_info(date::floor<std::chrono::seconds>(time));
  std::printf("%+lldh", static_cast<long long>(info.offset.count() / 3600));
}
CPP
cat > "$work/cctz.cpp" <<'CPP'
#include <cstdio>
#include <cstdlib>

#include <cctz/time_zone.h>

int main(int, char** arguments) {
  cctz::time_zone zone;
  if (!cctz::load_time_zone(arguments[1], &zone)) return 1;
  const std::chrono::system_clock::time_point time{std::chrono::seconds(std::atoll(arguments[2]))};
  std::printf("%+dh", zone.lookup(time).offset / 3600);
}
CPP
libraries=$(dirname "$(find "$work/root" -name 'libdate-tz.so')")
build() {
  g++ -std=c++17 "$work/$1.cpp" -I "$work/root/usr/include" -L "$libraries" "-Wl,-rpath,$libraries" "-l$2" -o "$work/$1"
}
build date date-tz
build cctz cctz
changed=0
look() {  # zone, day at noon in UTC, offsets wanted of date-tz and cctz
  seconds=$(date -u -d "$2 12:00" +%s)
  by_date=$("$work/date" "$1" "$seconds")
  by_cctz=$("$work/cctz" "$1" "$seconds")
  echo "$1 $2T12:00Z: date-tz $by_date, cctz $by_cctz"
  [ "$by_date $by_cctz" = "$3 $4" ] || changed=1
}
echo "rule at the end of Europe/Berlin: $(tail -n 1 /usr/share/zoneinfo/Europe/Berlin)"
look Europe/Berlin 2037-07-01 +2h +2h
look Europe/Berlin 2040-01-01 +1h +1h
look Europe/Berlin 2040-07-01 +1h +2h
look America/New_York 2037-07-01 -4h -4h
look America/New_York 2040-07-01 -5h -4h
if [ "$changed" = 1 ]; then
  echo "changed: the behaviour is no longer the one described above" >&2
  exit 1
fi
