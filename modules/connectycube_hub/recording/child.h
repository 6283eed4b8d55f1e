/**
 * @file connectycube_hub/recording/child.h
 * A program that works for us, and may fail anyhow
 */

enum {
	CHILD_OUT = 16384,      /**< What is kept of its output [bytes]    */
	CHILD_ERR = 200,        /**< The last of its errors [bytes]        */
};

/** What came of it */
struct child_end {
	bool ran;               /**< It could be run at all                */
	bool late;              /**< It took too long                      */
	bool quit;              /**< We end                                */
	int code;               /**< How it ended, if by itself; else -1   */
	int sig;                /**< ... or by which signal, else 0        */
	char out[CHILD_OUT];    /**< What it has said                      */
	char err[CHILD_ERR];    /**< ... the last of what is wrong         */
};

int  child_run_in(struct child_end *end, char *const argv[], int in,
		  uint32_t limit);
int  child_run(struct child_end *end, char *const argv[], uint32_t limit);
int  child_find(const char *program);
void child_quit(bool quit);
int  child_print(struct re_printf *pf, const struct child_end *end);
