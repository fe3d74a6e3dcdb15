// What the sandbox put into this page: the vocabulary and the employee's data.
export const boot = JSON.parse(document.getElementById("boot").textContent);

export const query = new URLSearchParams(location.search);
