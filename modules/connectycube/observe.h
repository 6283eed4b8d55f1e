/**
 * @file observe.h  What observers get of the bridge
 *
 *   connectycube.so  --- struct observe --->  connectycube_link.so, _record.so
 *     events, snapshots                         modules of their own
 *
 * Who records, measures or steers is no part of the bridge: each is a module
 * that is loaded behind it (`module_app`), finds this table by its name in
 * connectycube.so, and subscribes. A bridge without any of them pays nothing.
 * Include call/event.h first, and call/tap.h where taps are used.
 */

#include "call/await.h"
#include "call/steer.h"
#include "call/amiext.h"

/** Of struct observe, and of all that it hands out: events, their fields */
#define OBSERVE_VERSION 1
#define OBSERVE_SYMBOL "connectycube_observe"

struct odict;
struct wire;
struct wire_sub;
struct call_tap;
struct soundfile;
struct tap_handlers;
struct command;
struct command_set;
struct live_part;
struct ending;

/** The bridge, to those who watch it */
struct observe {
	uint32_t version;       /**< OBSERVE_VERSION                       */
	uint32_t size;          /**< Of this struct [bytes]                */
	uint32_t event_size;    /**< Of struct event [bytes]               */

	/** See event_subscribe() */
	int (*subscribe)(struct event_sub **subp, uint32_t mask,
			 event_h *h, void *arg);

	/** See event_json() */
	int (*event_json)(struct odict **odp, const struct event *ev);

	/** See wire_subscribe(): messages, with all the secrets in them */
	int (*wire_subscribe)(struct wire_sub **subp, uint32_t kinds,
			      void (*h)(const struct wire *w, void *arg),
			      void *arg);
	/** See wire_tell() */
	void (*wire_tell)(const struct wire *w);

	/** Listen to a call, by its number; ENOENT if there is none. See
	    bcall_tap() */
	int (*tap)(struct call_tap **tapp, uint32_t call,
		   const struct tap_handlers *h, void *arg);

	/** Tell of a call as its events do: of that with a number, or with 0
	    the only one. ENOENT if there is none, E2BIG if there are more */
	int (*describe)(struct event *ev, uint32_t call);

	/** Tell that something has become of a recording (EVENT_RECORD) of a
	    call, which may be over */
	void (*record)(uint32_t call, const struct event_progress *p);

	/** See steer_action(), control_value(), steer_answer() */
	int (*action)(struct steer_action **ap, const char *name,
		      bool in_call, steer_action_h *h, void *arg);
	const char *(*control_value)(const struct control *ctl,
				     const char *name);
	int (*answer)(const char *ext, const struct control *ctl,
		      const char *reason);

	/** See steer_keys() */
	int (*keys)(struct steer_keys **kp, const char *keys,
		    steer_keys_h *h, void *arg);

	/** See steer_get_call() */
	int (*get_call)(struct steer_call *sc, uint32_t call);

	/** See soundfile_alloc(), sound_spec(), steer_play() */
	int (*sound_file)(struct soundfile **sfp, const char *path,
			  void (*h)(struct sound *s, const char *why,
				    bool again, void *arg), void *arg);
	int (*sound_spec)(struct sound **sp, const char *spec);
	int (*play)(struct prompt **pp, uint32_t call, uint32_t leg,
		    enum prompt_who who, struct sound *s, prompt_h *h,
		    void *arg);

	/** See steer_tell_app(), steer_tell_phone() */
	int (*tell_app)(uint32_t call, const char *event,
			const struct cube_info *infov, size_t infoc);
	int (*tell_phone)(uint32_t call, enum steer_record state,
			  enum steer_tell how);

	/** See command_run(), command_word(), command_register() */
	int (*command)(struct mbuf *mb, char *why, size_t size,
		       const char *name, const char *params);
	const char *(*command_word)(int err);
	int (*commands)(struct command_set **setp, const struct command *v,
			size_t n);

	/** Append what there is now, as members of an object, without calls:
	    docs/HUB.md */
	int (*live_state)(struct mbuf *mb);
	/** The same of some calls, as elements of an array: the first ones
	    above a number, which is set to the last one of them */
	int (*live_calls)(struct mbuf *mb, uint32_t *after, size_t most,
			  size_t *np);

	/** Tell how the parties that a call has now have been heard so far:
	    EVENT_QUALITY of each, which nobody else gets. ENOENT if there is
	    no such call, or it has no media yet */
	int (*quality)(uint32_t call, event_h *h, void *arg);

	/** See live_part_add() */
	int (*live_part)(struct live_part **pp,
			 int (*h)(struct mbuf *mb, void *arg), void *arg);

	/** See ending_add() */
	int (*ending)(struct ending **ep, bool (*h)(void *arg), void *arg);

	/** See amiext_apply(), amiext_find(), amiext_rings() */
	bool (*ami_extensions)(ami_extension_h *h, void *arg);
	bool (*ami_extension)(const char *aor, ami_extension_h *h, void *arg);
	bool (*ami_rings)(const char *aor, const char *user);

	/** See raise_pbx() */
	void (*pbx)(enum event_type type, const char *ext,
		    const struct event_pbx *pbx);

	/** See await_begin(), await_end() */
	int (*await)(struct await **ap, const struct await_prm *prm,
		     const struct await_handlers *h, void *arg);
	void (*await_end)(struct await *aw, enum end_reason reason,
			  const char *why);

	/** See mode_attach(), mode_tell(), mode_has_sip() */
	bool (*ami_attach)(void);
	void (*ami_tell)(bool linked, const char *why);
	bool (*has_sip)(void);

	/** See steer_tell_user() */
	int (*tell_user)(const char *ext, const char *user, const char *event,
			 const struct cube_info *infov, size_t infoc);

	/** See await_accept(), await_reject() */
	int (*await_accept)(const struct steer_ask *ask, const char *call,
			    const char *number, const char **reasonp);
	int (*await_reject)(const struct steer_ask *ask, const char *call,
			    bool busy, const char **reasonp);
};
