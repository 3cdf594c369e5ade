// The third banner arrives late, as from an ad server: a node added after load must count like one that was there from the start.

const LATE_BY_MS = 1_500

function addLateBanner() {
  const banner = document.getElementById('late-banner').content.cloneNode(true)
  document.getElementById('late-slot').append(banner)
}

const start = () => setTimeout(addLateBanner, LATE_BY_MS)
if (document.readyState === 'complete') start()
else addEventListener('load', start)
