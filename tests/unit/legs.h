/**
 * @file legs.h  The two legs that tests of media have
 */
#pragma once

enum media_leg {
	LEG_SIP = 0,
	LEG_CUBE,

	LEG_MAX
};
