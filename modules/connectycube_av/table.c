/**
 * @file connectycube_av/table.c  The functions that the bridge finds
 */
#include <re.h>
#include <rem.h>
#include <libavutil/log.h>
#include "video/xcode/libav.h"
#include "av.h"


static void quiet(void)
{
	av_log_set_level(AV_LOG_FATAL);
}


const struct vav connectycube_av = {
	.version      = VAV_VERSION,
	.size         = sizeof(connectycube_av),
	.quiet        = quiet,
	.picture      = picture_load,
	.scaler_alloc = scaler_alloc,
	.scale        = scaler_run,
	.hwenc        = hwenc_add,
	.hwdec        = hwdec_add,
};
