/**
 * @file compat/upstream/baresip.h  baresip 4.x's, with the names of 1.1
 *
 * See compat/upstream/re.h.
 */
#include_next <baresip.h>

/* Numbers of events differ from version to version, and are never used */
enum ua_event { COMPAT_UA_EVENT_DUMMY };

typedef void (ua_event_h)(struct ua *ua, enum ua_event ev,
			  struct call *call, const char *prm, void *arg);

/* uaevent.c */
int  uag_event_register(ua_event_h *eh, void *arg);
void uag_event_unregister(ua_event_h *eh);

/* Of a User-Agent alone */
#define uag_event_str(ev) bevent_str((enum bevent_ev)(ev))
#define ua_event(ua, ev, call, ...) \
	((void)bevent_ua_emit((enum bevent_ev)(ev), ua, __VA_ARGS__))

/* netcheck.c */
bool net_check(struct network *net);

/* calls.c */
int  custom_hdrs_print(struct re_printf *pf, const struct list *hdrl);
void call_set_custom_hdrs(struct call *call, const struct list *hdrl);
int  call_progress_all(struct call *call);

#define call_progress(call) call_progress_all(call)
