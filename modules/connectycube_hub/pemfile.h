/**
 * @file connectycube_hub/pemfile.h  Certificates in a file (PEM)
 */

struct x509_st;

int pemfile_read(struct x509_st **certp, const char *path, char *why,
		 size_t size);
