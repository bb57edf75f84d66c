# The two commands of the README, and what they stand on. Everything else is CMake: see CONTRIBUTING.md.
DEMO_ARGS ?=
SHELL := /bin/sh
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
BUILD := build/release

.PHONY: demo test bench build packages clean

demo: build
	$(BUILD)/bin/eventflux demo $(DEMO_ARGS)

test: packages
	cmake --preset release -DEVENTFLUX_TESTS=ON
	cmake --build --preset release
	ctest --preset release
	$(BUILD)/bin/eventflux test tests queries extensions

# Takes about three minutes behind the build; ends with an error when a limit of tests/bench is missed.
BENCH := build/bench
bench: PACKAGE_LISTS += src/cmake/packages-bench.txt
bench: packages
	cmake --preset bench
	cmake --build --preset bench --target eventflux_bench
	EVENTFLUX_BENCH_COMMIT=$$(git describe --always --dirty) sh tests/bench/run.sh $(BENCH)

build: packages
	cmake --preset release -DEVENTFLUX_TESTS=ON
	cmake --build --preset release --target eventflux eventflux_shared eventflux_static

# Installs what the lists name and the machine lacks; needs no network when all is there.
PACKAGE_LISTS := src/cmake/packages.txt
packages:
	@missing=""; for package in $$(cat $(PACKAGE_LISTS) | sed 's/#.*//'); do \
	  dpkg-query -W -f='$${Status}' "$$package" 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "installing:$$missing"; \
	  $(SUDO) apt-get update -q && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; \
	fi

clean:
	rm -rf build
