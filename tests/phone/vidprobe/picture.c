/**
 * @file vidprobe/picture.c  A test picture that can be recognised
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <rem.h>
#include "picture.h"


enum {
	CELLS    = 16,          /* of the number                           */
	LIGHT    = 128,         /* luma from here on is white              */
	DISTANCE = 90,          /* of a colour that is still the same      */
	WHITE    = 235,         /* luma, ITU-R BT.601                      */
	BLACK    = 16,
};

struct colour {
	const char *name;
	uint8_t r, g, b;
};

static const struct colour colourv[] = {
	{"red",     220,  30,  30},
	{"green",    30, 170,  40},
	{"blue",     30,  50, 220},
	{"yellow",  230, 220,  40},
	{"cyan",     30, 200, 220},
	{"magenta", 210,  40, 200},
	{"orange",  240, 130,  20},
};

struct yuv {
	uint8_t y, u, v;
};


/**
 * Decode the colours of a picture
 *
 * @param col Decoded colours
 * @param str Four names, "red-green-blue-yellow"
 *
 * @return 0 if success, EBADMSG if not four known colours
 */
int picture_colours_decode(struct picture_colours *col, const char *str)
{
	unsigned i, k;

	if (!col || !str)
		return EINVAL;

	for (i = 0; i < PICTURE_FIELDS; i++) {

		const size_t len = strcspn(str, "-");

		for (k = 0; k < ARRAY_SIZE(colourv); k++) {
			if (len == strlen(colourv[k].name) &&
			    !memcmp(str, colourv[k].name, len))
				break;
		}

		if (k == ARRAY_SIZE(colourv))
			return EBADMSG;

		col->v[i] = (int)k;
		str += len + (str[len] == '-');
	}

	return *str ? EBADMSG : 0;
}


/** Print the colours of a picture: "red-green-blue-none" */
int picture_colours_print(struct re_printf *pf,
			  const struct picture_colours *col)
{
	unsigned i;
	int err = 0;

	for (i = 0; i < PICTURE_FIELDS; i++)
		err |= re_hprintf(pf, "%s%s", i ? "-" : "",
				  col->v[i] < 0 ? "none"
				  : colourv[col->v[i]].name);

	return err;
}


/* the check keeps black, white and torn strips from being numbers */
static unsigned check(unsigned number)
{
	return (number ^ number>>4 ^ number>>8 ^ 5) & 15;
}


static void fill(struct vidframe *f, unsigned x, unsigned y, unsigned w,
		 unsigned h, struct yuv c)
{
	unsigned i;

	for (i = y; i < y + h; i++)
		memset(f->data[0] + i * f->linesize[0] + x, c.y, w);

	for (i = y/2; i < (y + h)/2; i++) {
		memset(f->data[1] + i * f->linesize[1] + x/2, c.u, w/2);
		memset(f->data[2] + i * f->linesize[2] + x/2, c.v, w/2);
	}
}


static struct yuv yuv_of(int i)
{
	const struct colour *c = &colourv[i];
	struct yuv yuv;

	yuv.y = rgb2y(c->r, c->g, c->b);
	yuv.u = rgb2u(c->r, c->g, c->b);
	yuv.v = rgb2v(c->r, c->g, c->b);

	return yuv;
}


static struct yuv grey(bool white)
{
	struct yuv yuv = {white ? WHITE : BLACK, 128, 128};

	return yuv;
}


/**
 * Draw a frame
 *
 * @param f      Frame, YUV420P, its sides multiples of 32
 * @param col    Colours of the fields
 * @param number Number of the frame
 */
void picture_draw(struct vidframe *f, const struct picture_colours *col,
		  unsigned number)
{
	const unsigned w = f->size.w, h = f->size.h;
	unsigned code, i;

	number &= PICTURE_MASK;
	code = number<<4 | check(number);

	for (i = 0; i < PICTURE_FIELDS; i++)
		fill(f, i & 1 ? w/2 : 0, i & 2 ? h*7/16 & ~1u : 0, w/2, h/2,
		     yuv_of(col->v[i]));

	fill(f, 0, h*3/8 & ~1u, w, h/8, grey(false));
	fill(f, number % PICTURE_STEPS * w/PICTURE_STEPS, h*3/8 & ~1u,
	     w/PICTURE_STEPS, h/8, grey(true));

	for (i = 0; i < CELLS; i++)
		fill(f, i * w/CELLS, h*7/8 & ~1u, w/CELLS, h/8,
		     grey(code>>(CELLS - 1 - i) & 1));
}


/* mean of a patch of 8x8 around a point */
static struct yuv mean(const struct vidframe *f, unsigned x, unsigned y)
{
	unsigned i, k, sum[3] = {0, 0, 0};
	struct yuv c;

	for (i = 0; i < 8; i++)
		for (k = 0; k < 8; k++)
			sum[0] += f->data[0][(y - 4 + i) * f->linesize[0]
					     + x - 4 + k];

	for (i = 0; i < 4; i++)
		for (k = 0; k < 4; k++) {
			sum[1] += f->data[1][(y/2 - 2 + i) * f->linesize[1]
					     + x/2 - 2 + k];
			sum[2] += f->data[2][(y/2 - 2 + i) * f->linesize[2]
					     + x/2 - 2 + k];
		}

	c.y = sum[0] / 64;
	c.u = sum[1] / 16;
	c.v = sum[2] / 16;

	return c;
}


static int nearest(struct yuv seen)
{
	int best = -1, least = DISTANCE;
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(colourv); i++) {

		const struct yuv c = yuv_of((int)i);
		const int d = abs(c.y - seen.y) + abs(c.u - seen.u)
			+ abs(c.v - seen.v);

		if (d < least) {
			least = d;
			best = (int)i;
		}
	}

	return best;
}


static int bar(const struct vidframe *f)
{
	const unsigned w = f->size.w, y = f->size.h * 7/16;
	int best = -1, most = LIGHT;
	unsigned i;

	for (i = 0; i < PICTURE_STEPS; i++) {

		const unsigned x = (2*i + 1) * w / (2*PICTURE_STEPS);
		const int luma = f->data[0][y * f->linesize[0] + x];

		if (luma > most) {
			most = luma;
			best = (int)i;
		}
	}

	return best;
}


static int read_number(const struct vidframe *f)
{
	const unsigned w = f->size.w, y = f->size.h * 15/16;
	unsigned code = 0, i;

	for (i = 0; i < CELLS; i++)
		code = code<<1 | (mean(f, (2*i + 1) * w / (2*CELLS), y).y
				  >= LIGHT);

	return (code & 15) == check(code>>4) ? (int)(code>>4) : -1;
}


/**
 * Recognise a frame
 *
 * @param seen What was recognised
 * @param f    Frame, YUV420P, at least 128 x 96
 *
 * @return 0 if success, ENOTSUP if another format or too small
 */
int picture_look(struct picture_seen *seen, const struct vidframe *f)
{
	const unsigned w = f->size.w, h = f->size.h;
	unsigned i;

	if (f->fmt != VID_FMT_YUV420P || w < 128 || h < 96)
		return ENOTSUP;

	for (i = 0; i < PICTURE_FIELDS; i++)
		seen->col.v[i] = nearest(mean(f, i & 1 ? w*3/4 : w/4,
					      i & 2 ? h*11/16 : h*3/16));
	seen->bar = bar(f);
	seen->number = read_number(f);

	return 0;
}
