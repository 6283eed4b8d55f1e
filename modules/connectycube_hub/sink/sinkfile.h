/**
 * @file connectycube_hub/sink/sinkfile.h  What the files of files share
 */

struct hub_file {
	char *name;             /**< Of the sink (owned)                   */
	char *path;             /**< Path (owned)                          */
	struct hub_form form;   /**< What a line is                        */
	int fd;                 /**< Owned, -1=closed                      */
	struct hub_pos pos;     /**< How far it is; its end, if open       */
};

int  file_open(struct hub_file *f, struct hub_store *s, char *why,
	       size_t size);
void file_close(struct hub_file *f);
