/**
 * @file call/host/service.c  How the bridge stands, told to the service manager
 *
 *   registrations, cloud, calls (events) --> one line --> base/notify.c
 *
 * The service is ready when all its extensions are registered and online, and
 * Asterisk's manager is connected if the mode wants that (call/mode.h). One
 * that does not get so far for a while is ready, too, and says why it is
 * degraded: it goes on trying, and who waits for it is not to wait for a
 * registrar that is down.
 */
#include <re.h>
#include <baresip.h>
#include "base/notify.h"
#include "base/text.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "config/users.h"
#include "call/event.h"
#include "call/bridge.h"
#include "call/mode.h"


enum {
	PATIENCE = 15000,       /**< Until it is ready as it is [ms]       */
};

static struct {
	struct event_sub *sub;
	struct tmr tmr;         /* look, when all has happened */
	struct tmr tmr_late;    /* PATIENCE is over */
	bool late;
} sv;


static bool has_sip(const struct ext *ext)
{
	return ext->registered || !ext->ua || !sip_registers(ext->ua);
}


static bool is_well(const struct ext *ext)
{
	return has_sip(ext) && ext_is_online(ext) && mode_is_linked();
}


/* What is wrong with an extension */
static int print_trouble(struct re_printf *pf, const struct ext *ext)
{
	const char *reason = cube_reason(ext->cube);
	int err = 0;

	if (!has_sip(ext))
		err |= re_hprintf(pf, "SIP not registered%s%s",
				  str_isset(ext->reg_cause) ? ": " : "",
				  ext->reg_cause ? ext->reg_cause : "");

	if (!ext_is_online(ext))
		err |= re_hprintf(pf, "%scloud %s%s%s",
				  has_sip(ext) ? "" : "; ",
				  cube_state_name(cube_state(ext->cube)),
				  str_isset(reason) ? ": " : "",
				  reason ? reason : "");

	if (!mode_is_linked())
		err |= re_hprintf(pf, "%sAsterisk's manager not connected%s%s",
				  has_sip(ext) && ext_is_online(ext) ? "" :
				  "; ", mode_trouble()[0] ? ": " : "",
				  mode_trouble());

	return err;
}


static void tell(size_t n, size_t well, const struct ext *worst)
{
	const char *drain = shutdown_left() ? ", ends when they have" :
		bridge_is_draining() ? ", no more calls are taken" : "";
	const size_t calls = bridge_calls();
	const char *word = text_plural(calls, "call", "calls");

	if (!worst)
		notify_status("%zu %s %s and online, %zu %s%s", n,
			      text_plural(n, "extension", "extensions"),
			      mode_has_sip() ? "registered" : "at Asterisk",
			      calls, word, drain);
	else if (n == 1)
		notify_status("%s: %H, %zu %s%s", sv.late ? "degraded" :
			      "starting", print_trouble, worst, calls, word,
			      drain);
	else
		notify_status("%s: %zu of %zu extensions, %zu %s%s; %s: %H",
			      sv.late ? "degraded" : "starting", n - well, n,
			      calls, word, drain, worst->map->aor,
			      print_trouble, worst);
}


static void look_handler(void *arg)
{
	const struct ext *worst = NULL;
	size_t n = 0, well = 0;
	struct le *le;
	(void)arg;

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		if (ext->leaving)
			continue;

		++n;
		if (is_well(ext))
			++well;
		else if (!worst)
			worst = ext;
	}

	/* from now on whatever is missing has been there */
	if (n && n == well)
		sv.late = true;

	tell(n, well, worst);
	if (sv.late)
		notify_ready();
}


static void late_handler(void *arg)
{
	(void)arg;

	sv.late = true;
	look_handler(NULL);
}


static void event_handler(const struct event *ev, void *arg)
{
	(void)ev;
	(void)arg;

	service_look();
}


/**
 * Start to tell the service manager, if there is one that wants to know
 *
 * @return 0 if success, otherwise errorcode
 */
int service_init(void)
{
	if (!notify_is_on())
		return 0;

	sv.late = false;
	tmr_start(&sv.tmr_late, PATIENCE, late_handler, NULL);

	return event_subscribe(&sv.sub, EVENT_REG | EVENT_CLOUD | EVENT_CALL,
			       event_handler, NULL);
}


/**
 * Something has changed that is to be told
 */
void service_look(void)
{
	if (sv.sub && !tmr_isrunning(&sv.tmr))
		tmr_start(&sv.tmr, 0, look_handler, NULL);
}


/**
 * Tell the service manager nothing more
 */
void service_close(void)
{
	sv.sub = mem_deref(sv.sub);
	tmr_cancel(&sv.tmr);
	tmr_cancel(&sv.tmr_late);
}
