const said = document.getElementById("said");
document.getElementById("where").textContent = location.pathname;

async function sit(name) {
  const sitting = await fetch("/api/guests", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, seat: name.length }),
  });
  if (!sitting.ok) throw new Error(sitting.status);
  return (await fetch(`/api/guests/${encodeURIComponent(name)}`)).json();
}

document.getElementById("sit").addEventListener("submit", async (event) => {
  event.preventDefault();
  const guest = await sit(document.getElementById("name").value);
  said.textContent = `${guest.name} sits on seat ${guest.seat}.`;
});
