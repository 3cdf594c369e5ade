import { savePlan } from './cart.js'

const form = document.getElementById('signup-form')

// The segment is read from the markup when the form is submitted, so it follows the choice.
function tagPlan() {
  form.setAttribute('data-tm-segment-plan', form.elements.plan.value)
}

tagPlan()
form.addEventListener('change', tagPlan)
// A page restored with its old choice gets no change event.
addEventListener('pageshow', tagPlan)
form.addEventListener('submit', () => savePlan(form.elements.plan.value))
