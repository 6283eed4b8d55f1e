/**
 * @file call/host/observe.c  The table that observers find
 */
#include <re.h>
#include "base/wire.h"
#include "call/event.h"
#include "observe.h"


extern const struct observe connectycube_observe;

__attribute__((visibility("default")))
const struct observe connectycube_observe = {
	.version    = OBSERVE_VERSION,
	.size       = sizeof(connectycube_observe),
	.event_size = sizeof(struct event),
	.subscribe  = event_subscribe,
	.event_json = event_json,
	.wire_subscribe = wire_subscribe,
	.wire_tell  = wire_tell,
};
