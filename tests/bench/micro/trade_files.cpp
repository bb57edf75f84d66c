#include "tests/bench/micro/trade_files.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <system_error>

#include "tests/bench/micro/messages.hpp"

namespace eventflux::bench {

TradeFiles::TradeFiles(std::uint32_t count, std::uint32_t symbols, std::uint32_t rounds)
    : folder_(std::filesystem::temp_directory_path() / "eventflux-bench-XXXXXX") {
  if (::mkdtemp(folder_.data()) == nullptr)
    throw std::filesystem::filesystem_error("no temporary folder", folder_,
                                            std::error_code(errno, std::generic_category()));
  Messages messages(count, symbols);
  std::ofstream file(input(), std::ios::binary);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    for (std::uint32_t i = 0; i < messages.size(); ++i) {
      const std::span<char> message = messages[i];
      file.write(message.data(), static_cast<std::streamsize>(message.size())).put('\n');
    }
    messages.restamp();
  }
}

TradeFiles::~TradeFiles() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void TradeFiles::remove_output() const {
  std::filesystem::remove(output());
}

void TradeFiles::add_output(Checksum& checksum) const {
  std::ifstream file(output(), std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  checksum.add(std::string_view(text));
  checksum.end_row();
}

}  // namespace eventflux::bench
