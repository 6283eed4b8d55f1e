/**
 * @file call/verdict.c  Which side a bad call was bad on
 *
 * Pure.
 */
#include <re.h>
#include "call/verdict.h"


/**
 * Name a verdict, as programs want it
 *
 * @param verdict Verdict
 *
 * @return Name, NULL if there is none
 */
const char *verdict_name(enum verdict verdict)
{
	switch (verdict) {

	case VERDICT_GOOD:      return "good";
	case VERDICT_PHONE:     return "phone";
	case VERDICT_BRIDGE:    return "bridge";
	case VERDICT_APP:       return "app";
	case VERDICT_NET_PHONE: return "network_phone";
	case VERDICT_NET_APP:   return "network_app";
	case VERDICT_UNKNOWN:   return "unknown";
	default:                return NULL;
	}
}
