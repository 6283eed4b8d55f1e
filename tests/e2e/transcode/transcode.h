/**
 * @file transcode.h  The transcoder with real codecs, inside baresip
 *
 *   bar.c --> encoder --> vxcode --> decoder --> bar.c
 *  draws it   `from`     under test    `to`    finds it
 *
 * baresip's codec modules run in baresip alone, and so does this: a module
 * that reads its task from the config, does it, prints one line and ends
 * baresip. See transcode.test.mjs.
 */

enum {
	FPS   = 30,
	FRAME = 90000 / FPS,    /**< [90 kHz]                              */
};

/* bar.c */
void bar_draw(struct vidframe *f, unsigned n);
void bar_roughen(struct vidframe *f, unsigned n);
bool bar_check(const struct vidframe *f, unsigned n, unsigned width);
bool bar_coloured(const struct vidframe *f, unsigned y, unsigned u,
		  unsigned v);

/* chain.c */

/** The task */
struct task {
	char from[16];          /**< Codec of the source                   */
	char to[16];            /**< Codec of the receiver                 */
	char fmtp[256];         /**< Its fmtp                              */
	uint32_t width, height; /**< Of the source [pixels]                */
	uint32_t frames;        /**< Frames to send                        */
	uint32_t bitrate;       /**< [bit/s]                               */
	uint32_t lower;         /**< From the middle on [bit/s], 0=same    */
	uint32_t lose;          /**< One of so many packets, 0=none        */
	uint32_t keyframe;      /**< Asked for after so many frames, 0=not */
	bool realtime;          /**< At 30 frames a second                 */
	bool rough;             /**< With a background that takes work     */
};

struct chain;

typedef void (chain_end_h)(void *arg);

int chain_alloc(struct chain **cp, const struct task *task,
		const struct list *vcodecl, chain_end_h *endh, void *arg);
int chain_print(struct re_printf *pf, const struct chain *c);

/* memory.c */
int memory_of_decoders(struct re_printf *pf, const struct task *task,
		       const struct list *vcodecl);
