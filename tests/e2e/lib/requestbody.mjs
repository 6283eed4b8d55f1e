// The body of a request that a test's own server is sent.
//
//	const body = await requestBody(request);
//	if (!body) return; // who sent it has gone

/**
 * All of the body, as bytes; null if its client went before all was there, as one does
 * that a test kills: that is no error of the server's.
 */
export async function requestBody(request) {
	const parts = [];

	try {
		for await (const part of request) parts.push(part);
	} catch (error) {
		if (error.code !== 'ECONNRESET') throw error;
		return null;
	}
	return Buffer.concat(parts);
}
