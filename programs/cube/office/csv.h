/**
 * @file office/csv.h  Tables of spreadsheets and telephone systems, RFC 4180
 *
 *	struct csv csv;
 *	unsigned line;
 *
 *	err = csv_init(&csv, p, len);
 *	while (!err && (err = csv_next(&csv, &line)) != ENODATA) ...
 *	csv_reset(&csv);
 *
 * As they are met, too: a byte order mark, ; or a tab instead of the comma,
 * Excel's first line sep=X, any end of line, a quote inside of plain text.
 */

enum {
	CSV_COLS = 512,         /**< Most columns                          */
	CSV_ROW  = 65536,       /**< Longest row [bytes]                   */
};

/** A table that is read row by row. Nothing in it is for others */
struct csv {
	const char *p;          /**< What is read (pointer)                */
	size_t len;             /**< Its length [bytes]                    */
	size_t pos;             /**< Next row begins here                  */
	unsigned line;          /**< ... which is that line, from 1        */
	char sep;               /**< Between fields                        */
	char *row;              /**< Text of a row's fields (owned)        */
	size_t used;            /**< ... so much of it [bytes]             */
	uint32_t fieldv[CSV_COLS]; /**< Where they begin in it             */
	size_t fieldc;
};

int  csv_init(struct csv *csv, const char *p, size_t len);
void csv_reset(struct csv *csv);
int  csv_next(struct csv *csv, unsigned *line);
const char *csv_field(const struct csv *csv, size_t col);
const char *csv_strerror(int err);
