/**
 * @file connectycube_record/capinfo.c  What is known of a recording
 *
 * Pure.
 */
#include <re.h>
#include "call/event.h"
#include "capture.h"
#include "recfile.h"
#include "capture_core.h"


/**
 * Name a state
 *
 * @param state State
 *
 * @return Name
 */
const char *capture_state_name(enum capture_state state)
{
	switch (state) {

	case CAPTURE_OPENING: return "opening";
	case CAPTURE_ON:      return "recording";
	case CAPTURE_PAUSED:  return "paused";
	case CAPTURE_ENDED:   return "ended";
	case CAPTURE_FAILED:  return "failed";
	default:              return "?";
	}
}


/**
 * Get the state of a recording
 *
 * @param cap Recording
 *
 * @return Its state
 */
enum capture_state capture_state(const struct capture *cap)
{
	if (!cap || cap->over)
		return CAPTURE_ENDED;
	if (!cap->opened)
		return CAPTURE_OPENING;

	return cap->paused ? CAPTURE_PAUSED : CAPTURE_ON;
}
