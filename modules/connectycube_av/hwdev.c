/**
 * @file connectycube_av/hwdev.c  Devices of hardware codecs, and why they fail
 */
#include <re.h>
#include <libavutil/hwcontext.h>
#include "av.h"


/**
 * Say what libavcodec did not like
 *
 * @param why   Set to the reason
 * @param size  Room at why [bytes]
 * @param what  What was tried
 * @param averr libavcodec's error
 */
void hwdev_why(char *why, size_t size, const char *what, int averr)
{
	char buf[AV_ERROR_MAX_STRING_SIZE];

	(void)av_strerror(averr, buf, sizeof(buf));
	(void)re_snprintf(why, size, "%s: %s", what, buf);
}


/**
 * Open a device
 *
 * @param devp   Pointer to the device, of libavutil
 * @param type   enum AVHWDeviceType
 * @param device Name of the device, NULL=the first one
 * @param why    Set to the reason if it fails
 * @param size   Room at why [bytes]
 *
 * @return 0 if success, ENODEV if there is no such device
 */
int hwdev_open(struct AVBufferRef **devp, int type, const char *device,
	       char *why, size_t size)
{
	int r;

	r = av_hwdevice_ctx_create(devp, type, device, NULL, 0);
	if (r < 0) {
		hwdev_why(why, size, "no device", r);
		return ENODEV;
	}

	return 0;
}
