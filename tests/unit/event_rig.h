/**
 * @file event_rig.h  What tests of the bus have
 */
#include <math.h>
#include "testutil.h"
#include "base/text.h"
#include "base/log.h"
#include "call/event.h"


static inline void raise_type(enum event_type type)
{
	struct event ev;

	event_init(&ev, type);
	event_raise(&ev);
}
