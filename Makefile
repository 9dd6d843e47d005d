# A thin front: every target installs what is missing, configures once and hands over to Meson or to
# a tool in tools/. BUILD names the build folder, MESON_OPTIONS what to configure it with, e.g.
#   make check BUILD=build-asan MESON_OPTIONS=-Db_sanitize=address,undefined
BUILD ?= build
MESON_OPTIONS ?=

.PHONY: build demo check bench soak lives mutate format lint install clean

build:
	@tools/install-dependencies
	@test -e $(BUILD)/build.ninja || meson setup $(BUILD) $(MESON_OPTIONS)
	@ninja -C $(BUILD)

demo: build
	@tools/demo $(BUILD) $(DEMO_ARGUMENTS)

check: build
	@tools/run-tests $(BUILD)

bench: build
	@bench/run $(BUILD)

soak: build
	@tools/soak $(BUILD) $(SOAK_ARGUMENTS)

# Lives of an adapter in the simulator, each by its seed: make lives FIRST_SEED=1 SEEDS=1000
lives: build
	@MODULES=$(BUILD)/miniports TEST_MODULES=$(BUILD)/tests/miniports \
	  $(BUILD)/tests/sim/test_sim_lifecycle $(or $(FIRST_SEED),1) $(or $(SEEDS),1000)

mutate: build
	@tools/mutate $(BUILD) $(MUTATE_ARGUMENTS)

format:
	@tools/check-format --fix

lint: build
	@meson test -C $(BUILD) --suite check --print-errorlogs

install: build
	@meson install -C $(BUILD)

clean:
	@rm -rf $(BUILD)
