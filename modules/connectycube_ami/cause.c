/**
 * @file connectycube_ami/cause.c  Why a channel hung up: ITU-T Q.850, table 1
 */
#include <re.h>
#include "message.h"
#include "table.h"
#include "call/event.h"
#include "publish.h"


static const struct {
	uint32_t cause;
	const char *text;
} causev[] = {
	{1,   "unallocated number"},
	{2,   "no route to that network"},
	{3,   "no route to destination"},
	{6,   "channel unacceptable"},
	{16,  "normal clearing"},
	{17,  "busy"},
	{18,  "no user responding"},
	{19,  "no answer"},
	{20,  "subscriber absent"},
	{21,  "rejected"},
	{22,  "number changed"},
	{23,  "redirected"},
	{26,  "answered elsewhere"},
	{27,  "destination out of order"},
	{28,  "invalid number format"},
	{29,  "facility rejected"},
	{31,  "normal, unspecified"},
	{34,  "no circuit available"},
	{38,  "network out of order"},
	{41,  "temporary failure"},
	{42,  "congestion"},
	{44,  "requested channel not available"},
	{50,  "facility not subscribed"},
	{52,  "outgoing calls barred"},
	{54,  "incoming calls barred"},
	{57,  "bearer capability not authorized"},
	{58,  "bearer capability not available"},
	{65,  "bearer capability not implemented"},
	{69,  "facility not implemented"},
	{88,  "incompatible destination"},
	{96,  "mandatory information is missing"},
	{102, "timer expired"},
	{111, "protocol error"},
	{127, "interworking, unspecified"},
};


/**
 * Say what a cause means
 *
 * @param cause Cause of Q.850
 *
 * @return Text for people, "" if it is not known
 */
const char *ami_cause_text(uint32_t cause)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(causev); i++) {
		if (causev[i].cause == cause)
			return causev[i].text;
	}

	return "";
}
