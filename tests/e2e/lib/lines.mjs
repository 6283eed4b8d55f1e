// The lines that come by a stream, each when it is whole. What a peer that dies has
// begun is no line, and that its connection was reset is no error of ours: readline
// makes an uncaught exception of either, in whatever test runs then, or in none.

export function onLines(stream, take) {
	let begun = '';

	stream.setEncoding('utf8').on('error', () => {}).on('data', (text) => {
		const lines = (begun + text).split('\n');

		begun = lines.pop();
		lines.forEach(take);
	});
}
