/**
 * @file connectycube_hub/recording/sigv4.h  AWS Signature Version 4
 *
 * Pure.
 */

enum {
	SIGV4_DATE = 17,        /**< Size of "20130524T000000Z" [bytes]    */
	SIGV4_AUTH = 1024,      /**< Size of what is made [bytes]          */
	SIGV4_PATH = 4096,      /**< Size of an encoded path [bytes]       */
};

/** A header; names in small letters, in order */
struct sigv4_header {
	const char *name;
	const char *value;      /**< Without blanks around it              */
};

/** What is signed */
struct sigv4 {
	const char *method;     /**< PUT                                   */
	const char *path;       /**< As it is sent, encoded                */
	const char *query;      /**< The same, in order; ""=none           */
	const struct sigv4_header *headerv; /**< Those that are signed     */
	size_t headerc;
	const char *hash;       /**< SHA-256 of the body, in hex           */
	const char *date;       /**< YYYYMMDDTHHMMSSZ                      */
	const char *region;
	const char *service;    /**< s3                                    */
	const char *key;        /**< Who signs                             */
	const char *secret;
};

int sigv4_sign(char *auth, size_t size, const struct sigv4 *sv);
int sigv4_encode(char *dst, size_t size, const char *src);
int sigv4_encode_value(char *dst, size_t size, const char *src);
int sigv4_date(char date[SIGV4_DATE], uint64_t sec);
