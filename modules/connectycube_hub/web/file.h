/**
 * @file connectycube_hub/web/file.h  Answers that are files
 *
 *   web_file() --(thread)--> open --> head of the answer
 *   conn.c ----(thread)----> a piece --> conn.c --> a piece --> ...
 *
 * Disks may stand still, the loop may not: all that touches a file is done by a
 * thread. web/route.h goes first.
 */

struct web_wait;

/**
 * A piece was read
 *
 * @param err 0 if success, ENODATA if the file is shorter, otherwise errorcode
 * @param mb  Piece (borrowed)
 * @param arg Handler argument
 */
typedef void (web_piece_h)(int err, const struct mbuf *mb, void *arg);

/** What is answered */
struct web_file {
	const char *root;       /**< Folder                                */
	const char *name;       /**< File below it: no part of it is `..`, and
				     none a link                           */
	const char *type;       /**< Content-Type, a constant              */
	const char *etag;       /**< What it is, as it is quoted           */
};

int  web_file_start(void);
void web_file_stop(void);
void web_file(struct web_req *req, const struct web_file *f);
int  web_file_piece(struct web_wait **wp, const struct web_reply *r,
		    web_piece_h *h, void *arg);
int  web_file_open(int *fdp, uint64_t *sizep, const char *root,
		   const char *name);
