/**
 * @file office/columns.h  What stands in which column of a table of extensions
 *
 * A table is ours, whose columns are named as the parameters of a line of
 * extensions.conf are, or an export of 3CX, FreePBX or FusionPBX, to which
 * columns of ours may have been added. Pure.
 */

/** Whose names the columns have */
enum table_kind {
	TABLE_OURS,
	TABLE_3CX,
	TABLE_FREEPBX,
	TABLE_FUSIONPBX,
};

enum {
	TABLE_PARAMS = 32,      /**< Most parameters of an extension       */
	TABLE_NAME = 256,       /**< Size of a name [bytes]                */
};

/** What a column is */
struct column {
	enum {
		COLUMN_NONE,    /**< Nothing of ours                       */
		COLUMN_NUMBER,
		COLUMN_NAME,
		COLUMN_FIRST,   /**< First name, where there is no name    */
		COLUMN_LAST,
		COLUMN_PBX,     /**< Host of its SIP address               */
		COLUMN_ENABLED, /**< false: is not used                    */
		COLUMN_TECH,    /**< Kind of telephone                     */
		COLUMN_DIAL,    /**< dial=, unless it is PJSIP/1000        */
		COLUMN_PARAM,   /**< A parameter of its line               */
	} what;
	const char *param;      /**< Its name                              */
};

/** The columns of a table */
struct columns {
	enum table_kind kind;
	struct column colv[CSV_COLS];
	size_t colc;
};

/** An extension of a table; points into the row */
struct table_ext {
	const char *number;
	char name[TABLE_NAME];  /**< ""=none                               */
	const char *pbx;        /**< Host of its SIP address, ""=not said  */
	struct extparam paramv[TABLE_PARAMS];
	size_t paramc;
	const char *skip;       /**< Why it is none for us, NULL=it is     */
};

/**
 * A column means nothing
 *
 * @param name Its name
 * @param arg  Handler argument
 */
typedef void (columns_unknown_h)(const char *name, void *arg);

int  columns_read(struct columns *cols, const struct csv *header,
		  columns_unknown_h *unknownh, void *arg);
void columns_ext(struct table_ext *ext, const struct columns *cols,
		 const struct csv *row);
const char *columns_kind(enum table_kind kind);
