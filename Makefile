#
# Makefile -- the ConnectyCube bridge for baresip
#
#   make            the modules (installs what is missing)
#   make run        sandbox cloud + bridge + demo phone, prints a URL
#   make test       everything: unit, fuzz, e2e; ends with "N passed, N failed"
#   make check      unit tests alone, under ASan and UBSan
#   make fuzz       each fuzz target for FUZZ_TIME seconds
#   make e2e        end-to-end tests in a network namespace
#   make bench      measurements, with their conditions
#   make bench-ami  the same of Asterisk's manager: many events, many bridges
#   make office     50 extensions of two files: start, memory, calls
#   make test-trixie  build and test for Debian 13 in a chroot (root, 2 GB)
#   make test-upstream BARESIP_PREFIX=DIR  build and test with upstream's
#                   baresip 4.x, where libre and it are installed in DIR
#   make test-systemd  the services under a real systemd in a container (root, 700 MB);
#                   SUITE=trixie: Debian 13's, with packages of make test-deb
#   make test-asterisk  calls through a real Asterisk in a chroot (root, 600 MB)
#   make test-deb   packages for Debian 12 and 13 built, installed, upgraded,
#                   removed in chroots (root, 4 GB)
#   make install    modules into where the packaged baresip finds them, programs
#                   with their man pages and completions
#   make install-systemd  units, users and folders of an office's services, and
#                   what logrotate, AppArmor, fail2ban and needrestart want
#   make deb        Debian packages of what is committed, in build/deb
#
# CC=clang builds with clang; V=1 shows the commands; BARESIP_PREFIX=DIR takes
# libre and baresip from there. Packages are installed
# by contrib/deps only where missing; DEPS=no never installs anything.
#

PREFIX    ?= /usr
MOD_PATH  ?= $(PREFIX)/lib/baresip/modules
BIN_PATH  ?= $(PREFIX)/bin
MAN_PATH  ?= $(PREFIX)/share/man
COMP_PATH ?= $(PREFIX)/share/bash-completion/completions
UNIT_PATH ?= $(PREFIX)/lib/systemd/system
SYSUSERS_PATH ?= $(PREFIX)/lib/sysusers.d
TMPFILES_PATH ?= $(PREFIX)/lib/tmpfiles.d
EXEC_PATH ?= $(PREFIX)/libexec/connectycube-bridge
DATA_PATH ?= $(PREFIX)/share/connectycube-bridge
ETC_PATH  ?= /etc
FUZZ_TIME ?= 30
DEPS      ?= yes
V         ?= 0

B    := build
MOD  := modules/connectycube
Q     = $(if $(filter 1,$(V)),,@)
,    := ,
CLANG ?= clang

PKGS := nice glib-2.0 gio-2.0 libsrtp2 openssl libwebsockets expat jansson \
	opus zlib

# Modules in modules/NAME that are left out where their libraries are missing:
# PKG_NAME, for pkg-config. g729 is an ordinary baresip aucodec; connectycube_av
# is loaded by connectycube where video needs libav
MORE_ALL := connectycube_av connectycube_link connectycube_record \
	connectycube_hub connectycube_hep connectycube_ami \
	connectycube_console g729
PKG_connectycube_av := libavcodec libavformat libavutil libswscale
PKG_connectycube_link := jansson
PKG_connectycube_record := zlib
PKG_connectycube_hub := jansson sqlite3 libcurl openssl libpq zlib
PKG_connectycube_hep := libre
PKG_connectycube_ami := openssl
PKG_connectycube_console := libre
PKG_g729 := libbcg729

# Programs in programs/NAME, called connectycube-NAME unless BIN_NAME says
# otherwise; left out where the libraries of PKG_NAME are missing
PROGS_ALL := recording cube
PKG_cube := libcurl jansson libre sqlite3 libcrypto
BIN_cube := cube
PKG_recording := libavcodec libavformat libavutil libswscale opus jansson \
	libcrypto zlib

# an upstream baresip and libre of one's own are below BARESIP_PREFIX
PC_OWN := $(BARESIP_PREFIX:%=%/lib/pkgconfig:)

# libnice's headers may be here, where its package is not installed
PKG_CONFIG := PKG_CONFIG_PATH=$(PC_OWN)$(shell pkg-config --exists nice \
	2>/dev/null || echo $(CURDIR)/.deps:)$$PKG_CONFIG_PATH pkg-config

bin_name = $(or $(BIN_$1),connectycube-$1)
has_pkg = $(shell $(PKG_CONFIG) --exists $(PKG_$1) 2>/dev/null && echo $1)
MORE     := $(foreach m,$(MORE_ALL),$(call has_pkg,$m))
NO_MORE  := $(filter-out $(MORE),$(MORE_ALL))
MODULES  := connectycube $(MORE)
PROGS    := $(foreach p,$(PROGS_ALL),$(call has_pkg,$p))
NO_PROG  := $(filter-out $(PROGS),$(PROGS_ALL))
PKG_MORE := $(foreach m,$(MORE) $(PROGS),$(PKG_$m))

# --- packages ---------------------------------------------------------------

ifeq ($(DEPS),no)
deps-%: ; @:
else
deps-%: ; @contrib/deps $*
endif

# --- flags ------------------------------------------------------------------

# upstream's libre has what compat/upstream makes look like Debian's
UPSTREAM := $(shell $(PKG_CONFIG) --atleast-version=4 libre 2>/dev/null && \
	echo yes)

# Debian's re.mk has macros that change libre's struct layouts, so they are
# taken from it, once, and kept in a file
RE_MK   := $(if $(UPSTREAM),,$(firstword $(wildcard /usr/share/re/re.mk \
	     /usr/local/share/re/re.mk)))
RE_DEFS  = $$(cat $(B)/re.defs)

# a real baresip.h wins over our own declarations
BARESIP_INC := $(firstword $(wildcard $(BARESIP_PREFIX:%=%/include/baresip.h) \
	/usr/local/include/baresip.h /usr/include/baresip.h))
INC_COMPAT  := $(if $(UPSTREAM),-Icompat/upstream -isystem \
	$(dir $(BARESIP_INC)),$(patsubst %,-I%,$(dir $(BARESIP_INC))) \
	-Icompat/debian)
INC_RE   := $(if $(UPSTREAM),$(patsubst -I%,-isystem %,$(shell \
	$(PKG_CONFIG) --cflags libre)),\
	-isystem /usr/include/re -isystem /usr/include/rem)
LIB_RE   := $(if $(BARESIP_PREFIX),-L$(BARESIP_PREFIX)/lib \
	-Wl$(,)-rpath$(,)$(BARESIP_PREFIX)/lib) -lre
LIB_REM  := $(if $(UPSTREAM),,-lrem)

WARN := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes \
	-Wshadow -Wpointer-arith
PKG_INC := $(shell $(PKG_CONFIG) --cflags $(PKGS) $(PKG_MORE) 2>/dev/null)
PKG_LIB := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null)
LIB_MORE := $(if $(PKG_MORE),$(shell $(PKG_CONFIG) --libs $(PKG_MORE)))
INC   = -I$(MOD) -Imodules -Iprograms $(INC_COMPAT) $(INC_RE) \
	$(patsubst -I%,-isystem %,$(PKG_INC))
DEFS  = $(RE_DEFS) -D_GNU_SOURCE
CSTD := -std=gnu11

# Debian 12's valgrind gives up at DWARF 5 as clang writes it
DEBUG := $(if $(findstring clang,$(CC)),-gdwarf-4,-g)

# as packages are built: some warnings come of it alone. (Sanitizers do not go with it)
FORTIFY := $(if $(findstring _FORTIFY_SOURCE,$(EXTRA_CFLAGS)),,\
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)

CFLAGS_MOD  = $(CSTD) -O2 $(DEBUG) -fPIC -fvisibility=hidden $(FORTIFY) \
	$(WARN) $(DEFS) $(INC) $(EXTRA_CFLAGS)
CFLAGS_SAN  = $(CSTD) -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined \
	$(WARN) $(DEFS) $(INC) $(EXTRA_CFLAGS)
CFLAGS_FUZZ = $(CSTD) -O1 -g -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined $(WARN) $(DEFS) $(INC)
LIBS  = $(PKG_LIB) $(LIB_RE) $(LIB_REM) -lm
LIBS_TEST = $(LIB_MORE) $(LIBS)

# --- sources ----------------------------------------------------------------

# everything but these is free of baresip's symbols, and is what the unit and
# fuzz tests link: the folder of a file tells
SRC_ALL  := $(wildcard $(MOD)/*.c $(MOD)/*/*.c $(MOD)/*/*/*.c)
SRC_HOST := $(wildcard $(MOD)/*.c $(MOD)/sip/*.c $(MOD)/call/host/*.c)
SRC_PURE := $(filter-out $(SRC_HOST),$(SRC_ALL))

# of the other modules, all but their entry modules/NAME/NAME.c and host/
SRC_MORE := $(foreach m,$(MORE),$(wildcard modules/$m/*.c modules/$m/*/*.c))
SRC_PURE += $(filter-out $(foreach m,$(MORE),modules/$m/$m.c \
	modules/$m/host/%),$(SRC_MORE))

# of the programs, all but their main()
SRC_PROG := $(foreach p,$(PROGS),$(wildcard programs/$p/*.c programs/$p/*/*.c))
SRC_PURE += $(filter-out %/main.c,$(SRC_PROG))

# what connectycube-recording has of the modules
SRC_recording := modules/connectycube_record/recfile.c \
	$(wildcard $(MOD)/video/payload/*.c) \
	$(addprefix $(MOD)/,video/xcode/codec.c audio/codec_opus.c \
	audio/opus_fmtp.c audio/plc.c rtp/rtp.c base/filesum.c \
	base/folder.c)

# what cube has of the modules
SRC_cube := $(addprefix $(MOD)/,base/fdwrite.c base/filesum.c base/folder.c \
	base/hook.c base/log.c base/logqueue.c base/mono.c base/text.c \
	base/unixaddr.c base/unixpeer.c base/uuid.c base/version.c \
	audio/tonespec.c \
	call/keyseq.c cube/url.c \
	log/loglevel.c sip/pure/allow.c sip/pure/target.c \
	video/payload/codec.c) $(wildcard $(MOD)/config/*.c) \
	modules/connectycube_link/hubline.c modules/connectycube_link/hubmsg.c \
	modules/connectycube_link/linkconfig.c \
	modules/connectycube_link/spoolfile.c \
	modules/connectycube_record/recconfig.c \
	modules/connectycube_hep/hepconfig.c \
	modules/connectycube_ami/amiconfig.c modules/connectycube_ami/sane.c

# what connectycube_av has of connectycube's, which is without state
SRC_AV   := $(wildcard $(MOD)/video/payload/h264_*.c) \
	$(MOD)/video/payload/bits.c $(MOD)/video/xcode/codec.c

# and what observers have of it
SRC_LINK := $(addprefix $(MOD)/,call/eventpbx.c call/eventtext.c \
	call/jsonadd.c \
	call/qualityjson.c call/reason.c call/verdict.c \
	config/confget.c config/confmodule.c config/confnames.c \
	config/confother.c config/confparam.c config/confpath.c \
	config/conftext.c config/confvalue.c config/config_secret.c \
	config/paramtext.c \
	base/backoff.c base/fdwrite.c base/folder.c base/hook.c \
	base/jobthread.c base/log.c \
	base/logqueue.c base/mono.c base/text.c base/unixpeer.c \
	base/usage.c base/uuid.c)

# what finds the bridge is the link's
SRC_RECORD := $(SRC_LINK) $(addprefix $(MOD)/,call/keyseq.c rtp/rtp.c) \
	$(addprefix modules/connectycube_link/host/,attach.c entry.c \
	hostlog.c)

SRC_AMI  := $(SRC_LINK) $(addprefix $(MOD)/,call/event.c \
	config/confca.c config/dialplan.c config/hostport.c \
	base/filelock.c base/unixaddr.c base/unixdoor.c \
	sip/pure/tlscheck.c) $(addprefix modules/connectycube_link/host/,\
	attach.c entry.c hostlog.c)

SRC_CONSOLE := $(SRC_LINK) $(addprefix $(MOD)/base/,filelock.c unixaddr.c unixdoor.c) \
	$(addprefix modules/connectycube_link/host/,entry.c hostlog.c)

SRC_HEP  := $(SRC_LINK) $(addprefix $(MOD)/,call/event.c \
	config/hostport.c log/blank.c \
	log/blanknames.c log/flightid.c rtp/rtcp.c) \
	$(addprefix modules/connectycube_link/host/,attach.c entry.c hostlog.c)

# the hub has the link in it, for a bridge in its own process
SRC_HUB  := $(SRC_LINK) $(filter-out %/connectycube_link.c,\
	$(wildcard modules/connectycube_link/*.c \
	modules/connectycube_link/host/*.c)) \
	$(wildcard $(MOD)/log/*.c) \
	$(addprefix $(MOD)/,logsink.c openctl.c call/event.c call/eventjson.c \
	base/fdset.c base/filelock.c base/filesum.c base/logline.c \
	base/notify.c base/sigs.c base/unixaddr.c base/unixdoor.c base/version.c \
	base/wire.c) \
	modules/connectycube_record/recfile.c

# tests that cannot be built without them
TEST_connectycube_av := hwcodec vstill vstill_file vscale
TEST_connectycube_hub := hubcsv hubstore hubfile hubcourier hubconn hubcommand \
	confdoc confmods hubrecstore hubrecname hubcollect hubfinish sigv4 hubfeed hublive hubliveodd hubsearch webroute webtarget
TEST_connectycube_hub += hubcheck metrics metricsrec metricslive metricsdoc hubmetrics
TEST_connectycube_hub += webhead webguard webtoken webring alarmletter webbody webidem webfile timeline hubclock hubsink
TEST_connectycube_hub += hubpbx hubqueue hubs3 hubliveclock webconn hubkeep hubpg
TEST_g729 := g729 g729_bad
TEST_cube := console clipbx clitext clisse cliargs clicmd clifind clitail clisteer clifetch office officesync officemade officeupgrade officeturn
TEST_cube += officecheck officecsv officecmd officebackup
TEST_recording := recfinish recdrift reccodec recplace recvideo recfile
NO_TEST  := $(foreach m,$(NO_MORE) $(NO_PROG),$(TEST_$m))
SRC_UNIT := $(filter-out $(NO_TEST:%=tests/unit/test_%.c),\
	$(wildcard tests/unit/test_*.c))
SRC_FUZZ := $(filter-out $(NO_TEST:%=tests/fuzz/fuzz_%.c),\
	$(wildcard tests/fuzz/fuzz_*.c))
SRC_BENCH := $(wildcard tests/bench/*.c)
SRC_XCODE := $(wildcard tests/e2e/transcode/*.c)

SRC_PROBE := $(wildcard tests/phone/vidprobe/*.c)

# what upstream's libre and baresip have no more
SRC_COMPAT := $(if $(UPSTREAM),$(wildcard compat/upstream/*.c))
OBJ_COMPAT := $(SRC_COMPAT:%.c=$(B)/mod/%.o)
LIB_COMPAT := $(if $(UPSTREAM),$(B)/compat.a)

OBJ_MOD  := $(SRC_ALL:%.c=$(B)/mod/%.o) $(SRC_MORE:%.c=$(B)/mod/%.o)
OBJ_PROG := $(SRC_PROG:%.c=$(B)/mod/%.o)
OBJ_recording := $(SRC_recording:%.c=$(B)/mod/%.o)
OBJ_cube := $(SRC_cube:%.c=$(B)/mod/%.o)
OBJ_connectycube_av := $(SRC_AV:%.c=$(B)/mod/%.o)
LIB_connectycube_av := $(LIB_REM)
OBJ_connectycube_link := $(SRC_LINK:%.c=$(B)/mod/%.o)
OBJ_connectycube_record := $(SRC_RECORD:%.c=$(B)/mod/%.o)
OBJ_connectycube_hep := $(SRC_HEP:%.c=$(B)/mod/%.o)
OBJ_connectycube_ami := $(SRC_AMI:%.c=$(B)/mod/%.o)
OBJ_connectycube_console := $(SRC_CONSOLE:%.c=$(B)/mod/%.o)
OBJ_connectycube_hub := $(SRC_HUB:%.c=$(B)/mod/%.o)
OBJ_SAN  := $(SRC_PURE:%.c=$(B)/san/%.o)
OBJ_PROBE := $(SRC_PROBE:%.c=$(B)/mod/%.o)
OBJ_ECHO := $(B)/mod/contrib/sandbox/phone/demoecho.o
OBJ_FUZZ := $(SRC_PURE:%.c=$(B)/fuzz/%.o)
BIN_UNIT := $(SRC_UNIT:tests/unit/%.c=$(B)/unit/%)
BIN_FUZZ := $(SRC_FUZZ:tests/fuzz/%.c=$(B)/fuzzers/%)

# --- targets ----------------------------------------------------------------

.PHONY: all module programs objects host probe demoecho run test check fuzz e2e bench install uninstall clean
.SECONDARY:

# make's own view of the system is stale until the packages are there, so the
# work is done by a second make
SUB = $(MAKE) --no-print-directory -j$(shell nproc) DEPS=no

all: deps-build
	$(Q)$(SUB) module

module: $(foreach m,$(MODULES),modules/$m/$m.so) programs
	@$(foreach m,$(NO_MORE) $(NO_PROG),echo "  SKIP    $m (no $(PKG_$m))";)

# left in $(B)
programs: $(foreach p,$(PROGS),$(B)/$(call bin_name,$p))

# the modules and programs, left in $(B)
objects: $(MODULES:%=$(B)/%.so) programs $(B)/vidprobe.so $(B)/demoecho.so

# what the fuzzers are not built of, and so clang has not looked at
host: $(patsubst %.c,$(B)/mod/%.o,$(filter-out $(SRC_PURE),\
	$(sort $(SRC_ALL) $(SRC_MORE) $(SRC_PROG)))) $(OBJ_PROBE) $(OBJ_ECHO)

# camera and screen of the tests' phone, and a wall clock that a test sets
probe: $(B)/vidprobe.so $(B)/clockshim.so demoecho

# what the demo phone hears and says with
demoecho: $(B)/demoecho.so

run: deps-run
	$(Q)$(SUB) module demoecho
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
	$(Q)$(SUB) module probe transcode loadgen
	$(Q)tests/run e2e

.PHONY: test-trixie
test-trixie: deps-trixie
	$(Q)tests/trixie

.PHONY: test-upstream
test-upstream: deps-test
	$(Q)BARESIP_PREFIX=$(BARESIP_PREFIX) tests/upstream

.PHONY: test-deb
test-deb: deps-chroot
	$(Q)tests/deb

.PHONY: test-asterisk
test-asterisk: deps-test deps-asterisk
	$(Q)$(SUB) module probe
	$(Q)tests/asterisk

.PHONY: deb
deb: deps-deb
	$(Q)contrib/deb

.PHONY: test-systemd
test-systemd: deps-test deps-systemd
	$(Q)$(SUB) module
	$(Q)tests/systemd

bench: deps-bench
	$(Q)$(SUB) module transcode loadgen probe
	$(Q)tests/bench/run

# Asterisk's manager: 5,000 events a second, and 50 bridges that come back at once
.PHONY: bench-ami
bench-ami: deps-test
	$(Q)$(SUB) module probe $(B)/loopshim.so
	$(Q)tests/bench/run ami

# 50 extensions of two files: start, memory, calls, one that dies
.PHONY: office
office: deps-test
	$(Q)$(SUB) module probe
	$(Q)tests/bench/run office

.PHONY: unit fuzzers
unit: $(BIN_UNIT) $(B)/unit/speech.wav $(B)/unit/talk.pcm \
	$(B)/unit/fakeav.so $(B)/unit/fakeav_old.so
fuzzers: $(BIN_FUZZ)

# upstream's headers ask for less, and have it in no file
RE_DEFS_UPSTREAM := -DLINUX -DUSE_TLS -DHAVE_INET6 -DHAVE_ATOMIC -DHAVE_THREADS

$(B)/re.defs: $(RE_MK)
	@mkdir -p $(@D)
ifneq ($(UPSTREAM),)
	$(Q)echo '$(RE_DEFS_UPSTREAM)' > $@.tmp && mv $@.tmp $@
else
	$(Q)printf 'include %s\nprobe:\n\t@echo $$(filter -DLINUX -DHAVE_%% -DUSE_%%,$$(CFLAGS))\n' \
		'$(RE_MK)' | $(MAKE) -s --no-print-directory -f - probe \
		LIBRE_MK=$(RE_MK) > $@.tmp && mv $@.tmp $@
endif

# the names of all keys, for those who know their own tables alone
$(B)/confnames.inc: $(wildcard modules/*/*config*.c modules/*/*/*config*.c)
	@mkdir -p $(@D)
	$(Q)sed -n 's/^\t*{"\(connectycube_[a-z0-9_]*\)", *\(CFG_[A-Z0-9]*\).*/{"\1", \2},/p' \
		$^ > $@.tmp && mv $@.tmp $@

$(foreach d,mod san fuzz,$(B)/$d/$(MOD)/config/confnames.o): \
	$(B)/confnames.inc
$(foreach d,mod san fuzz,$(B)/$d/$(MOD)/config/confnames.o): INC += -I$(B)

# module NAME, its libraries, more objects
define module_rules
$(B)/$1.so: $(filter $(B)/mod/modules/$1/%,$(OBJ_MOD)) $3 $(LIB_COMPAT)
	@echo "  LD      $$@"
	$$(Q)$$(CC) -shared $$(LDFLAGS) -o $$@ $$^ -Wl,-z,now $2

# not in place: a bridge that runs has the old one mapped
modules/$1/$1.so: $(B)/$1.so
	$$(Q)cp $$< $$@.tmp && mv $$@.tmp $$@
endef

$(eval $(call module_rules,connectycube,$(LIBS)))
$(foreach m,$(MORE),$(eval $(call module_rules,$m,\
	$$(shell $(PKG_CONFIG) --libs $(PKG_$m)) $(LIB_$m) $(LIB_RE),$(OBJ_$m))))

# program NAME, its libraries, more objects
define program_rules
$(B)/$(call bin_name,$1): $(filter $(B)/mod/programs/$1/%,$(OBJ_PROG)) \
		$3 $(LIB_COMPAT)
	@echo "  LD      $$@"
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $2
endef

$(foreach p,$(PROGS),$(eval $(call program_rules,$p,\
	$$(shell $(PKG_CONFIG) --libs $(PKG_$p)) $(LIB_RE) -lm,$(OBJ_$p))))

$(B)/vidprobe.so: $(OBJ_PROBE) $(LIB_COMPAT)
	@echo "  LD      $@"
	$(Q)$(CC) -shared -o $@ $^ $(LIB_RE) $(LIB_REM) -lpthread

$(B)/demoecho.so: $(OBJ_ECHO) $(LIB_COMPAT)
	@echo "  LD      $@"
	$(Q)$(CC) -shared -o $@ $^ $(LIB_RE) $(LIB_REM)

$(B)/clockshim.so $(B)/loopshim.so: $(B)/%.so: tests/e2e/shim/%.c
	@echo "  LD      $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) -D_GNU_SOURCE -O2 -fPIC -fvisibility=hidden $(WARN) \
		-shared -o $@ $< -lpthread -ldl

# the number that this tree has; one file has it in it
VERSION_O := $(B)/mod/modules/connectycube/base/version.o
.PHONY: version
$(B)/version: version
	@mkdir -p $(@D)
	$(Q)contrib/version > $@.tmp
	$(Q)cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
$(VERSION_O): $(B)/version
$(VERSION_O): EXTRA_CFLAGS += -DBUILD_VERSION='"$(shell cat $(B)/version)"'

# the dashboard's page is in what is compiled of it
$(foreach d,mod san fuzz,$(B)/$d/modules/connectycube_hub/web/pagefiles.o): \
	$(wildcard modules/connectycube_hub/page/*)
$(foreach d,mod san fuzz,$(B)/$d/modules/connectycube_hub/web/openapi.o): \
	docs/openapi.json

$(B)/mod/%.o: %.c $(B)/re.defs
	@echo "  CC      $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_MOD) -MMD -MP -c $< -o $@

$(B)/san/%.o: %.c $(B)/re.defs
	@echo "  CC[san] $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_SAN) -MMD -MP -c $< -o $@

# a test gets what it needs of them, which is linked soon, and a fuzzer has the
# branches of that alone to count
$(B)/compat.a: $(OBJ_COMPAT)
$(B)/san.a: $(OBJ_SAN)
$(B)/fuzz.a: $(OBJ_FUZZ)
$(B)/compat.a $(B)/san.a $(B)/fuzz.a:
	@rm -f $@.tmp
	$(Q)ar crsT $@.tmp $^ && mv $@.tmp $@

$(B)/unit/%: tests/unit/%.c $(B)/san.a $(LIB_COMPAT) $(B)/re.defs
	@echo "  TEST    $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_SAN) -MMD -MP -MF $@.d -o $@ $< $(B)/san.a \
		$(LIB_COMPAT) -lcmocka $(LIBS_TEST)

# for test_quality; it helps itself where espeak-ng is missing
$(B)/unit/speech.wav: tests/unit/speech
	@mkdir -p $(@D)
	$(Q)tests/unit/speech $@

# and for test_inband
$(B)/unit/talk.pcm: tests/unit/talk
	@mkdir -p $(@D)
	$(Q)tests/unit/talk $@

# and for test_vav
$(B)/unit/fakeav.so: FAKE_VERSION = VAV_VERSION
$(B)/unit/fakeav_old.so: FAKE_VERSION = VAV_VERSION-1
$(B)/unit/%.so: tests/unit/fakeav.c $(MOD)/video/xcode/libav.h $(B)/re.defs
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -fvisibility=hidden,$(CFLAGS_MOD)) -shared \
		-DFAKE_VERSION=$(FAKE_VERSION) -o $@ $<

# the rooms that know no baresip, and a load of calls for them
.PHONY: loadgen
loadgen: $(B)/bench/loadgen
OBJ_BENCH := $(SRC_BENCH:%.c=$(B)/bench/%.o)
ROOMS_BENCH := $(filter $(B)/mod/$(MOD)/base/% $(B)/mod/$(MOD)/peer/% \
	$(B)/mod/$(MOD)/cube/% $(B)/mod/$(MOD)/audio/% $(B)/mod/$(MOD)/rtp/% \
	$(B)/mod/$(MOD)/video/% $(B)/mod/modules/connectycube_av/%,$(OBJ_MOD))

$(B)/bench/loadgen: $(OBJ_BENCH) $(ROOMS_BENCH) $(LIB_COMPAT)
	@echo "  LD      $@"
	$(Q)$(CC) -o $@ $^ -Wl,--wrap=ice_send,--wrap=recvmmsg,--wrap=recvfrom \
		-Wl,--wrap=SSL_CTX_set_tlsext_use_srtp \
		$(LIB_MORE) $(LIBS)

$(B)/bench/%.o: %.c $(B)/re.defs
	@echo "  CC[bch] $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_MOD) -MMD -MP -c $< -o $@

$(B)/fuzz/%.o: %.c $(B)/re.defs
	@echo "  CC[fuz] $<"
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CFLAGS_FUZZ) -MMD -MP -c $< -o $@

$(B)/fuzzers/%: tests/fuzz/%.c $(B)/fuzz.a $(LIB_COMPAT) $(B)/re.defs
	@echo "  FUZZ    $@"
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CFLAGS_FUZZ) -fsanitize=fuzzer -MMD -MP -MF $@.d \
		-o $@ $< $(B)/fuzz.a $(LIB_COMPAT) $(LIBS_TEST)

# the video room and what wraps baresip's codecs, as a module of its own
.PHONY: transcode
transcode: $(B)/transcode.so
OBJ_XCODE := $(SRC_XCODE:%.c=$(B)/mod/%.o)
ROOMS_XCODE := $(filter $(B)/mod/$(MOD)/base/% $(B)/mod/$(MOD)/audio/% \
	$(B)/mod/$(MOD)/rtp/% $(B)/mod/$(MOD)/video/% %/sip/vidcodec.o \
	$(B)/mod/modules/connectycube_av/%,$(OBJ_MOD))

$(B)/transcode.so: $(OBJ_XCODE) $(ROOMS_XCODE) $(LIB_COMPAT)
	@echo "  LD      $@"
	$(Q)$(CC) -shared -o $@ $^ -Wl,-z,now $(LIB_MORE) $(LIBS)

PROFILES := headless hub
install: all
	install -d $(DESTDIR)$(MOD_PATH)
	install -m 0644 $(foreach m,$(MODULES),modules/$m/$m.so) \
		$(DESTDIR)$(MOD_PATH)/
ifneq ($(PROGS),)
	install -d $(DESTDIR)$(BIN_PATH) $(DESTDIR)$(MAN_PATH)/man1
	install -m 0755 $(foreach p,$(PROGS),$(B)/$(call bin_name,$p)) \
		$(DESTDIR)$(BIN_PATH)/
	install -m 0644 $(foreach p,$(PROGS),\
		programs/$p/$(call bin_name,$p).1) $(DESTDIR)$(MAN_PATH)/man1/
endif
ifneq ($(filter cube,$(PROGS)),)
	install -d $(DESTDIR)$(COMP_PATH)
	install -m 0644 contrib/completion/cube $(DESTDIR)$(COMP_PATH)/
endif
	install -d $(PROFILES:%=$(DESTDIR)$(DATA_PATH)/profiles/%)
	install -m 0755 contrib/check $(DESTDIR)$(DATA_PATH)/
	for p in $(PROFILES); do install -m 0644 profiles/$$p/* \
		$(DESTDIR)$(DATA_PATH)/profiles/$$p/ || exit; done

# paths in the units are those of PREFIX=/usr
.PHONY: install-systemd
UNITS := connectycube-bridge@.service connectycube-bridge-left@.service \
	connectycube-bridge-retry.service \
	connectycube-bridge-sync.service \
	connectycube-bridge.target \
	connectycube-hub.service
ETC_DIRS := apparmor.d fail2ban/filter.d logrotate.d needrestart/conf.d
install-systemd:
	install -d $(DESTDIR)$(UNIT_PATH) $(DESTDIR)$(SYSUSERS_PATH) \
		$(DESTDIR)$(TMPFILES_PATH) $(DESTDIR)$(EXEC_PATH)
	install -m 0644 $(UNITS:%=contrib/systemd/%) $(DESTDIR)$(UNIT_PATH)/
	install -m 0644 contrib/sysusers/connectycube-bridge.conf \
		$(DESTDIR)$(SYSUSERS_PATH)/
	install -m 0644 contrib/tmpfiles/connectycube-bridge.conf \
		$(DESTDIR)$(TMPFILES_PATH)/
	install -m 0755 contrib/systemd/instance $(DESTDIR)$(EXEC_PATH)/
	install -d $(DESTDIR)$(DATA_PATH)
	sed 's/^#\(connectycube_hub_group\).*/\1 connectycube-bridge/' \
		profiles/hub/config > $(DESTDIR)$(DATA_PATH)/hub.conf
	grep -q '^connectycube_hub_group' $(DESTDIR)$(DATA_PATH)/hub.conf
	for d in $(ETC_DIRS); do \
		install -d $(DESTDIR)$(ETC_PATH)/$$d && \
		install -m 0644 contrib/$${d%%[./]*}/* \
			$(DESTDIR)$(ETC_PATH)/$$d/ || exit; done

uninstall:
	rm -f $(foreach p,$(PROGS_ALL),\
		$(DESTDIR)$(BIN_PATH)/$(call bin_name,$p) \
		$(DESTDIR)$(MAN_PATH)/man1/$(call bin_name,$p).1) \
		$(DESTDIR)$(COMP_PATH)/cube
	rm -rf $(DESTDIR)$(DATA_PATH) $(DESTDIR)$(EXEC_PATH)
	rm -f $(UNITS:%=$(DESTDIR)$(UNIT_PATH)/%) $(foreach d,$(ETC_DIRS),\
		$(DESTDIR)$(ETC_PATH)/$d/connectycube-bridge \
		$(DESTDIR)$(ETC_PATH)/$d/connectycube-hub \
		$(DESTDIR)$(ETC_PATH)/$d/connectycube-bridge.conf \
		$(DESTDIR)$(ETC_PATH)/$d/connectycube-hub.conf) \
		$(DESTDIR)$(SYSUSERS_PATH)/connectycube-bridge.conf \
		$(DESTDIR)$(TMPFILES_PATH)/connectycube-bridge.conf
	rm -f $(foreach m,connectycube $(MORE_ALL),\
		$(DESTDIR)$(MOD_PATH)/$m.so)

clean:
	rm -rf $(B) $(foreach m,connectycube $(MORE_ALL),modules/$m/$m.so)

-include $(OBJ_COMPAT:.o=.d) $(OBJ_MOD:.o=.d) $(OBJ_PROG:.o=.d) $(OBJ_SAN:.o=.d) $(OBJ_FUZZ:.o=.d)
-include $(OBJ_PROBE:.o=.d) $(OBJ_ECHO:.o=.d) $(BIN_UNIT:=.d) $(BIN_FUZZ:=.d) $(OBJ_BENCH:.o=.d) $(OBJ_XCODE:.o=.d)
