/**
 * @file module.c  The task from the config, its result to the log
 *
 *   task            chain | memory
 *   task_from       VP8          task_to         H264
 *   ...
 */
#include <string.h>
#include <re.h>
#include <rem.h>
#include <baresip.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/xcode/codec.h"
#include "base/jobthread.h"
#include "video/xcode/libav.h"
#include "sip/sip.h"
#include "connectycube_av/av.h"
#include "transcode.h"


static struct {
	struct list vcodecl;
	struct chain *chain;
	struct tmr tmr;
} m;


static void task_read(struct task *t)
{
	const struct conf *conf = conf_cur();

	(void)conf_get_str(conf, "task_from", t->from, sizeof(t->from));
	(void)conf_get_str(conf, "task_to", t->to, sizeof(t->to));
	(void)conf_get_str(conf, "task_fmtp", t->fmtp, sizeof(t->fmtp));
	(void)conf_get_u32(conf, "task_width", &t->width);
	(void)conf_get_u32(conf, "task_height", &t->height);
	(void)conf_get_u32(conf, "task_frames", &t->frames);
	(void)conf_get_u32(conf, "task_bitrate", &t->bitrate);
	(void)conf_get_u32(conf, "task_lower", &t->lower);
	(void)conf_get_u32(conf, "task_lose", &t->lose);
	(void)conf_get_u32(conf, "task_keyframe", &t->keyframe);
	(void)conf_get_bool(conf, "task_realtime", &t->realtime);
	(void)conf_get_bool(conf, "task_rough", &t->rough);
}


static void end(void *arg)
{
	(void)arg;

	re_cancel();
}


static void chain_end(void *arg)
{
	(void)arg;

	info("result %H\n", chain_print, m.chain);
	m.chain = mem_deref(m.chain);
	tmr_start(&m.tmr, 0, end, NULL);
}


static int memory_print(struct re_printf *pf, const struct task *t)
{
	return memory_of_decoders(pf, t, &m.vcodecl);
}


static int start(const struct task *t, const char *name)
{
	if (!strcmp(name, "chain"))
		return chain_alloc(&m.chain, t, &m.vcodecl, chain_end, NULL);

	info("result %H\n", memory_print, t);
	tmr_start(&m.tmr, 0, end, NULL);

	return 0;
}


static int module_init(void)
{
	struct task task = {
		.from = "VP8", .to = "H264", .width = 640, .height = 480,
		.frames = 120, .bitrate = 1000000,
	};
	char name[16] = "chain";
	int err;

	(void)conf_get_str(conf_cur(), "task", name, sizeof(name));
	task_read(&task);
	vav_set(&connectycube_av);

	err = sip_vidcodec_wrap(&m.vcodecl);
	if (!err)
		err = start(&task, name);
	if (err)
		warning("result none: %m\n", err);

	return err;
}


static int module_close(void)
{
	tmr_cancel(&m.tmr);
	m.chain = mem_deref(m.chain);
	jobthread_wait();
	list_flush(&m.vcodecl);

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(transcode) = {
	"transcode",
	"application",
	module_init,
	module_close
};
