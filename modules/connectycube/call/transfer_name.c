/**
 * @file call/transfer_name.c  How far a transfer is, in words
 */
#include <re.h>
#include "call/transfer.h"


/**
 * Name a state
 *
 * @param state State
 *
 * @return Name, as apps are told it
 */
const char *transfer_state_name(enum transfer_state state)
{
	switch (state) {

	case TRANSFER_TRYING:  return "trying";
	case TRANSFER_RINGING: return "ringing";
	case TRANSFER_DONE:    return "done";
	case TRANSFER_FAILED:  return "failed";
	default:               return "?";
	}
}
