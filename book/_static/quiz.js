// Answers quizzes in the page: each choice carries its reply (book/_ext/quizzes.py).

"use strict";

for (const form of document.querySelectorAll(".quiz-form")) {
  const status = form.querySelector("[role=status]");

  const say = (reply, passed = "") => {
    status.textContent = reply;
    status.dataset.passed = passed;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = form.querySelector("input:checked");
    if (chosen) say(chosen.dataset.reply, chosen.dataset.passed);
    else say("Choose an answer first.");
  });

  form.addEventListener("change", () => say("")); // a reply never stands beside another choice
  form.hidden = false;
  form.closest(".quiz").classList.add("quiz-open");
}
