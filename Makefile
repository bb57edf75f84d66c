# The two commands of the README, and what they stand on. Everything else is CMake: see CONTRIBUTING.md.
DEMO_ARGS ?=
SHELL := /bin/sh
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
BUILD := build/release

.PHONY: demo test fuzz check-slow bench build packages clean

demo: build
	$(BUILD)/bin/eventflux demo $(DEMO_ARGS)

test: packages
	cmake --preset release -DEVENTFLUX_TESTS=ON
	cmake --build --preset release
	ctest --preset release
	$(BUILD)/bin/eventflux test tests queries extensions

# Half a minute for every fuzz target: what reads text, payloads, frames and stores meets random bytes.
FUZZ_SECONDS := 30
fuzz: PACKAGE_LISTS += src/cmake/packages-fuzz.txt
fuzz: packages
	cmake --preset fuzz -DEVENTFLUX_FUZZ_SECONDS=$(FUZZ_SECONDS)
	cmake --build --preset fuzz
	ctest --preset fuzz

# What takes hours: sanitizers, clang-tidy, every bit flip of a store, 10,000 kills, long fuzzing. A part that
# fails does not end the others; the last line names those that did.
CHECKS := asan tsan tidy flips kills fuzz
check-slow: PACKAGE_LISTS += src/cmake/packages-fuzz.txt src/cmake/packages-slow.txt
check-slow: packages
	@failed=""; for check in $(CHECKS); do \
	  echo "check-slow: $$check"; $(MAKE) --no-print-directory slow-$$check || failed="$$failed $$check"; \
	done; \
	if [ -n "$$failed" ]; then echo "check-slow: failed:$$failed"; exit 1; fi; echo "check-slow: passed"

slow-asan:
	cmake --workflow --preset asan

# Kernels with much address randomisation want it off for the thread sanitizer.
slow-tsan:
	setarch -R cmake --workflow --preset tsan

slow-tidy:
	cmake --preset tidy
	cmake --build --preset tidy

slow-flips: slow-build
	EVENTFLUX_DAMAGE_STEP=1 $(BUILD)/bin/eventflux_operators_test -tc="*flipped*"

slow-kills: slow-build
	EVENTFLUX_KILLS=10000 $(BUILD)/bin/eventflux_faults_test -tc="kills under event time*"

slow-fuzz:
	$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=600

slow-build:
	cmake --preset release -DEVENTFLUX_TESTS=ON
	cmake --build --preset release --target eventflux eventflux_operators_test eventflux_faults_test

# Takes about three minutes after the build; ends with an error when a limit of tests/bench is missed.
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
