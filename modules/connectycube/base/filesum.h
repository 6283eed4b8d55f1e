/**
 * @file base/filesum.h  Check sums of files
 */

enum {
	FILESUM_SIZE = 65,      /**< SHA-256 in hex [bytes]                */
};

int filesum_sha256(char *hex, uint64_t *bytesp, int fd);
