const query = new URLSearchParams(location.search)
const name = query.get('name')?.trim()

if (name) document.getElementById('welcome-heading').textContent = `Welcome, ${name}`
if (query.get('plan') === 'plus')
  document.getElementById('welcome-plan').textContent = 'Your maps are in it, and repairs cost half from today.'
