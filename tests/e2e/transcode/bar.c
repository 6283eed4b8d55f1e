/**
 * @file bar.c  A white bar that moves over an orange picture
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <rem.h>
#include "transcode.h"


enum {
	BACK_Y = 100, BACK_U = 80, BACK_V = 180,
	BAR_Y  = 235,
	SHARE  = 10,            /**< The bar is one tenth of the width     */
	SPEED  = 80,            /**< Frames for once across                */
	TOLERANCE = 40,         /**< Of colours                            */
	GRAIN  = 24,            /**< Of a rough background                 */
	TILE   = 256,           /**< It is repeated after so many pixels   */
};


static unsigned bar_x(unsigned width, unsigned n)
{
	return (width - width / SHARE) * (n % SPEED) / SPEED;
}


void bar_draw(struct vidframe *f, unsigned n)
{
	const unsigned w = f->size.w, h = f->size.h, x = bar_x(w, n);
	unsigned y;

	memset(f->data[0], BACK_Y, (size_t)f->linesize[0] * h);
	memset(f->data[1], BACK_U, (size_t)f->linesize[1] * (h / 2));
	memset(f->data[2], BACK_V, (size_t)f->linesize[2] * (h / 2));

	for (y=0; y<h; y++)
		memset(f->data[0] + (size_t)y * f->linesize[0] + x, BAR_Y,
		       w / SHARE);

	for (y=0; y<h/2; y++) {
		memset(f->data[1] + (size_t)y * f->linesize[1] + x / 2, 128,
		       w / SHARE / 2);
		memset(f->data[2] + (size_t)y * f->linesize[2] + x / 2, 128,
		       w / SHARE / 2);
	}
}


/* Something for an encoder to do: a texture that moves slowly, with some noise
   in it that is new in every frame */
void bar_roughen(struct vidframe *f, unsigned n)
{
	static int8_t texture[TILE * TILE];
	static uint32_t rnd = 1;
	unsigned x, y;

	for (x=0; !n && x<TILE * TILE; x++) {
		rnd = rnd * 1103515245 + 12345;
		texture[x] = (int8_t)((rnd >> 16) % (2 * GRAIN + 1)) - GRAIN;
	}

	for (y=0; y<f->size.h; y++) {

		uint8_t *p = f->data[0] + (size_t)y * f->linesize[0];
		const int8_t *t = texture + (y + n / 2) % TILE * TILE;

		for (x=0; x<f->size.w; x++) {

			const int8_t grain = t[(x / 2 + n) % TILE];

			rnd = rnd * 1103515245 + 12345;
			if (p[x] == BACK_Y)
				p[x] += grain + (int)(rnd >> 29) - 4;
		}
	}
}


static bool close_to(int a, int b)
{
	return abs(a - b) <= TOLERANCE;
}


/* Where the line in the middle is brightest */
static unsigned find(const struct vidframe *f)
{
	const uint8_t *p = f->data[0] +
		(size_t)(f->size.h / 2) * f->linesize[0];
	const unsigned bar = f->size.w / SHARE;
	unsigned x, best = 0, sum = 0, most = 0;

	for (x=0; x<f->size.w; x++) {

		sum += p[x];
		if (x >= bar)
			sum -= p[x - bar];

		if (sum > most) {
			most = sum;
			best = x;
		}
	}

	return best >= bar ? best - bar + 1 : 0;
}


/* Is it picture n, of whatever size? width: that of the source */
bool bar_check(const struct vidframe *f, unsigned n, unsigned width)
{
	const double want = (double)bar_x(width, n) * f->size.w / width;
	const unsigned x = find(f);
	const unsigned mid = x + f->size.w / SHARE / 2;
	const unsigned far = mid < f->size.w / 2 ? f->size.w - 4 : 4;
	const size_t y = f->size.h / 2, yc = y / 2;

	/* the step to the next picture is 1.1 % */
	if (want - x > f->size.w / 150. + 1 || x - want > f->size.w / 150. + 1)
		return false;

	return close_to(f->data[0][y * f->linesize[0] + mid], BAR_Y) &&
		close_to(f->data[0][y * f->linesize[0] + far], BACK_Y) &&
		close_to(f->data[1][yc * f->linesize[1] + far / 2], BACK_U) &&
		close_to(f->data[2][yc * f->linesize[2] + far / 2], BACK_V);
}


/* Is its middle of one colour? */
bool bar_coloured(const struct vidframe *f, unsigned y, unsigned u, unsigned v)
{
	const size_t mx = f->size.w / 2, my = f->size.h / 2;

	return close_to(f->data[0][my * f->linesize[0] + mx], y) &&
		close_to(f->data[1][my / 2 * f->linesize[1] + mx / 2], u) &&
		close_to(f->data[2][my / 2 * f->linesize[2] + mx / 2], v);
}
