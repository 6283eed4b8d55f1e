/**
 * @file tests/unit/fakeav.c  A connectycube_av.so that needs no library, of
 *                            version FAKE_VERSION; for test_vav.c
 */
#include <re.h>
#include <rem.h>
#include "video/xcode/libav.h"


extern const struct vav connectycube_av;


static void quiet(void)
{
}


const struct vav connectycube_av = {
	.version = FAKE_VERSION,
	.size    = sizeof(connectycube_av),
	.quiet   = quiet,
};
