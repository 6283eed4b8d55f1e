/**
 * @file vidprobe/picture.h  A test picture that can be recognised
 *
 *   +-----------+-----------+   four fields, each of a colour of its own,
 *   |  colour   |  colour   |   tell whose picture it is;
 *   |     0     |     1     |
 *   |###########[ ]#########|   a white bar on black moves with each frame;
 *   |     2     |     3     |
 *   +-----------+-----------+
 *   | # #  ## #  #  ## #  # |   16 black or white cells are the number of
 *   +-----------------------+   the frame (12 bits) and its check (4 bits)
 *
 * tests/e2e/lib/testpicture.js draws and recognises the same.
 */

enum {
	PICTURE_FIELDS = 4,
	PICTURE_STEPS  = 32,    /**< Places of the bar                     */
	PICTURE_MASK   = 0xfff, /**< Numbers of frames wrap here           */
};

/** Colours of the four fields */
struct picture_colours {
	int v[PICTURE_FIELDS];  /**< Index of a colour, -1=none of them    */
};

/** What was recognised in a frame */
struct picture_seen {
	struct picture_colours col;
	int bar;                /**< Place of the bar, -1=none             */
	int number;             /**< Number of the frame, -1=unreadable    */
};

int  picture_colours_decode(struct picture_colours *col, const char *str);
int  picture_colours_print(struct re_printf *pf,
			   const struct picture_colours *col);
void picture_draw(struct vidframe *f, const struct picture_colours *col,
		  unsigned number);
int  picture_look(struct picture_seen *seen, const struct vidframe *f);
