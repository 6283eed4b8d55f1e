/**
 * @file connectycube_hub/web/pagefiles.h  The files of the dashboard's page
 */

struct page_file {
	const char *name;       /**< Its name                              */
	const char *type;       /**< Content-Type                          */
	const uint8_t *start;   /**< What is in it                         */
	const uint8_t *end;     /**< ... up to here                        */
};

extern const struct page_file page_filev[];
extern const size_t page_filec;
