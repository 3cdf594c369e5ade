// Queues calls made before tallymark.js has loaded. A file of its own, since this site's Content-Security-Policy forbids inline script.
// biome-ignore format: the one line that the documentation gives
// biome-ignore lint/complexity/noArguments: tallymark.js replays the calls as they were made
// biome-ignore lint/suspicious/noAssignInExpressions: one line
window.tallymark=window.tallymark||function(){(tallymark.q=tallymark.q||[]).push(arguments)}
