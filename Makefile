#
# Makefile -- the ConnectyCube bridge for baresip
#
#   make            the module (installs what is missing)
#   make run        sandbox cloud + bridge + demo phone, prints a URL
#   make test       everything: unit, fuzz, e2e; ends with "N passed, N failed"
#   make check      unit tests alone, under ASan and UBSan
#   make fuzz       each fuzz target for FUZZ_TIME seconds
#   make e2e        end-to-end tests in a network namespace
#   make bench      measurements, with their conditions
#   make install    module into where the packaged baresip finds it
#
# CC=clang builds with clang; V=1 shows the commands. Packages are installed
# by contrib/deps only where missing; DEPS=no never installs anything.
#

PREFIX    ?= /usr
MOD_PATH  ?= $(PREFIX)/lib/baresip/modules
FUZZ_TIME ?= 30
DEPS      ?= yes
V         ?= 0

B    := build
MOD  := modules/connectycube
Q     = $(if $(filter 1,$(V)),,@)
CLANG ?= clang

PKGS := nice glib-2.0 gio-2.0 libsrtp2 openssl libwebsockets expat jansson \
	opus

# --- packages ---------------------------------------------------------------

ifeq ($(DEPS),no)
deps-%: ; @:
else
deps-%: ; @contrib/deps $*
endif

# --- flags ------------------------------------------------------------------

# re.mk's macros change libre's struct layouts, so they are taken from it,
# once, and kept in a file
RE_MK   := $(firstword $(wildcard /usr/share/re/re.mk \
	     /usr/local/share/re/re.mk))
RE_DEFS  = $$(cat $(B)/re.defs)

# a real baresip.h wins over our own declarations
BARESIP_INC := $(firstword $(wildcard /usr/local/include/baresip.h \
	         /usr/include/baresip.h))
INC_COMPAT  := $(if $(BARESIP_INC),-I$(dir $(BARESIP_INC)),-Icompat)

WARN := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes \
	-Wshadow -Wpointer-arith
PKG_INC := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIB := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
INC   = -I$(MOD) $(INC_COMPAT) -isystem /usr/include/re \
	-isystem /usr/include/rem $(patsubst -I%,-isystem %,$(PKG_INC))
DEFS  = $(RE_DEFS) -D_GNU_SOURCE
CSTD := -std=gnu11

CFLAGS_MOD  = $(CSTD) -O2 -g -fPIC -fvisibility=hidden $(WARN) $(DEFS) $(INC) \
	$(EXTRA_CFLAGS)
CFLAGS_SAN  = $(CSTD) -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined \
	$(WARN) $(DEFS) $(INC) $(EXTRA_CFLAGS)
CFLAGS_FUZZ = $(CSTD) -O1 -g -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined $(WARN) $(DEFS) $(INC)
LIBS  = $(PKG_LIB) -lre -lrem -lm

# --- sources ----------------------------------------------------------------

# everything but these rooms is free of baresip's symbols, and is what the
# unit and fuzz tests link
SRC_ALL  := $(wildcard $(MOD)/*.c $(MOD)/*/*.c)
SRC_HOST := $(wildcard $(MOD)/*.c $(MOD)/sip/*.c $(MOD)/bridge/*.c)
SRC_PURE := $(filter-out $(SRC_HOST),$(SRC_ALL)) \
	$(MOD)/sip/latch.c $(MOD)/bridge/users.c $(MOD)/bridge/policy.c

SRC_UNIT := $(wildcard tests/unit/test_*.c)
SRC_FUZZ := $(wildcard tests/fuzz/fuzz_*.c)

OBJ_MOD  := $(SRC_ALL:%.c=$(B)/mod/%.o)
OBJ_SAN  := $(SRC_PURE:%.c=$(B)/san/%.o)
OBJ_FUZZ := $(SRC_PURE:%.c=$(B)/fuzz/%.o)
BIN_UNIT := $(SRC_UNIT:tests/unit/%.c=$(B)/unit/%)
BIN_FUZZ := $(SRC_FUZZ:tests/fuzz/%.c=$(B)/fuzzers/%)

# --- targets ----------------------------------------------------------------

.PHONY: all module run test check fuzz e2e bench install uninstall clean
.SECONDARY:

# make's own view of the system is stale until the packages are there, so the
# work is done by a second make
SUB = $(MAKE) --no-print-directory -j$(shell nproc) DEPS=no

all: deps-build
	$(Q)$(SUB) module

module: $(MOD)/connectycube.so

$(MOD)/connectycube.so: $(B)/connectycube.so
	@# not in place: a bridge that runs has the old one mapped
	$(Q)cp $< $@.tmp && mv $@.tmp $@

run: deps-run
	$(Q)$(SUB) module
	$(Q)contrib/sandbox/demo

test: deps-test
	$(Q)tests/run

check: deps-check
	$(Q)$(SUB) unit
	$(Q)tests/run unit

fuzz: deps-check
	$(Q)$(SUB) fuzzers
	$(Q)tests/run fuzz

e2e: deps-test
	$(Q)$(SUB) module
	$(Q)tests/run e2e

bench: deps-test
	$(Q)$(SUB) module
	$(Q)tests/bench/run

.PHONY: unit fuzzers
unit: $(BIN_UNIT)
fuzzers: $(BIN_FUZZ)

$(B)/re.defs: $(RE_MK)
	@mkdir -p $(@D)
	$(Q)printf 'include %s\nprobe:\n\t@echo $$(filter -DLINUX -DHAVE_%% -DUSE_%%,$$(CFLAGS))\n' \
		'$(RE_MK)' | $(MAKE) -s --no-print-directory -f - probe \
		LIBRE_MK=$(RE_MK) > $@.tmp && mv $@.tmp $@

$(B)/connectycube.so: $(OBJ_MOD)
	@echo "  LD      $@"
	$(Q)$(CC) -shared -o $@ $(OBJ_MOD) -Wl,-z,now $(LIBS)

$(B)/mod/%.o: %.c $(B)/re.defs
	@echo "  CC      $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_MOD) -MMD -MP -c $< -o $@

$(B)/san/%.o: %.c $(B)/re.defs
	@echo "  CC[san] $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_SAN) -MMD -MP -c $< -o $@

$(B)/unit/%: tests/unit/%.c $(OBJ_SAN) $(B)/re.defs
	@echo "  TEST    $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_SAN) -MMD -MP -MF $@.d -o $@ $< $(OBJ_SAN) \
		-lcmocka $(LIBS)

$(B)/fuzz/%.o: %.c $(B)/re.defs
	@echo "  CC[fuz] $<"
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CFLAGS_FUZZ) -MMD -MP -c $< -o $@

$(B)/fuzzers/%: tests/fuzz/%.c $(OBJ_FUZZ) $(B)/re.defs
	@echo "  FUZZ    $@"
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CFLAGS_FUZZ) -fsanitize=fuzzer -MMD -MP -MF $@.d \
		-o $@ $< $(OBJ_FUZZ) $(LIBS)

install: all
	install -d $(DESTDIR)$(MOD_PATH)
	install -m 0644 $(MOD)/connectycube.so $(DESTDIR)$(MOD_PATH)/

uninstall:
	rm -f $(DESTDIR)$(MOD_PATH)/connectycube.so

clean:
	rm -rf $(B) $(MOD)/connectycube.so

-include $(OBJ_MOD:.o=.d) $(OBJ_SAN:.o=.d) $(OBJ_FUZZ:.o=.d)
-include $(BIN_UNIT:=.d) $(BIN_FUZZ:=.d)
